/** What waits for its turn, of one owner. */
interface Line<Owner, Item> {
  readonly owner: Owner;
  readonly items: Item[];
}

/**
 * A queue that is fair between owners: they take turns, and each one's items keep the order that their owner gave them.
 * An item stays first of its owner's until it is removed, so that it can have several turns.
 */
export class FairQueue<Owner, Item> {
  /** Who waited longest comes first. */
  #lines: Line<Owner, Item>[] = [];

  add(owner: Owner, item: Item): void {
    const line = this.#lineOf(owner);
    if (line) line.items.push(item);
    else this.#lines.push({ owner, items: [item] });
  }

  /** The item whose turn it is; its owner has to wait for all others now. */
  next(): Item | undefined {
    const line = this.#lines.shift();
    if (!line) return undefined;
    this.#lines.push(line);
    return line.items[0];
  }

  /** @returns whether it was there */
  remove(owner: Owner, item: Item): boolean {
    const line = this.#lineOf(owner);
    const at = line?.items.indexOf(item) ?? -1;
    if (!line || at < 0) return false;
    line.items.splice(at, 1);
    if (line.items.length === 0) this.#lines = this.#lines.filter((other) => other !== line);
    return true;
  }

  /**
   * Puts an item at another place among those of its owner.
   * @param first the first place that it may take: those before have begun
   * @param position counted from `first`; beyond the end is last
   * @returns the place it has now, counted from `first`, or nothing where it may not be moved
   */
  move(owner: Owner, item: Item, first: number, position: number): number | undefined {
    const items = this.#lineOf(owner)?.items;
    const from = items?.indexOf(item) ?? -1;
    if (!items || from < first) return undefined;
    const to = Math.min(first + position, items.length - 1);
    items.splice(from, 1);
    items.splice(to, 0, item);
    return to - first;
  }

  /** What an owner has waiting, in order. */
  of(owner: Owner): readonly Item[] {
    return this.#lineOf(owner)?.items ?? [];
  }

  /** Everything, in the order in which it would begin if each took one turn. */
  order(): Item[] {
    const most = Math.max(0, ...this.#lines.map(({ items }) => items.length));
    return Array.from({ length: most }, (_, place) =>
      this.#lines.flatMap(({ items }) => items.slice(place, place + 1)),
    ).flat();
  }

  #lineOf(owner: Owner): Line<Owner, Item> | undefined {
    return this.#lines.find((line) => line.owner === owner);
  }
}
