/** The least width of a tile, in CSS pixels. */
const leastTile = 132;

/** The space between tiles. */
const gap = 8;

/** The line below each picture. */
const caption = 20;

/** Rows above and below what is in view that are drawn already. */
const ahead = 2;

/** How tiles lie in a grid of a width. */
export interface GridLayout {
  readonly columns: number;
  /** Width of a tile and height of its picture. */
  readonly tile: number;
  /** Height of a tile with its caption. */
  readonly tileHeight: number;
  readonly rows: number;
  /** Height of all rows. */
  readonly height: number;
}

/** @param width of the grid, in CSS pixels */
export function gridLayout(width: number, count: number): GridLayout {
  const columns = Math.max(1, Math.floor((width + gap) / (leastTile + gap)));
  const tile = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  const rows = Math.ceil(count / columns);
  const tileHeight = tile + caption;
  return { columns, tile, tileHeight, rows, height: Math.max(0, rows * (tileHeight + gap) - gap) };
}

/** Where a tile lies. */
export function placeOf({ columns, tile, tileHeight }: GridLayout, index: number): { x: number; y: number } {
  const row = Math.floor(index / columns);
  return { x: (index % columns) * (tile + gap), y: row * (tileHeight + gap) };
}

/** The first tile of a range, and the one behind its last. */
export interface TileRange {
  readonly from: number;
  readonly to: number;
}

/** The tiles of the rows that are in view. @param more rows above and below */
export function tilesInView(
  { columns, rows, tileHeight }: GridLayout,
  count: number,
  top: number,
  height: number,
  more: number = ahead,
): TileRange {
  const pitch = tileHeight + gap;
  const first = Math.max(0, Math.floor(top / pitch) - more);
  const last = Math.min(rows, Math.ceil((top + height) / pitch) + more);
  return { from: Math.min(first * columns, count), to: Math.min(last * columns, count) };
}

/** How far a grid has to be scrolled so that a tile is in view. */
export function scrollTo(layout: GridLayout, index: number, top: number, height: number): number {
  const { y } = placeOf(layout, index);
  if (y < top) return y;
  return Math.max(top, y + layout.tileHeight - height);
}

/** What a key does in a grid. */
export interface GridKey {
  readonly key: string;
  /** Whether Ctrl or Cmd is held. */
  readonly isFar: boolean;
}

/**
 * Where a key leads from a tile.
 * @param height of what is in view
 * @returns nothing where the key leads nowhere
 */
export function tileByKey(
  { columns, tileHeight }: GridLayout,
  count: number,
  from: number,
  { key, isFar }: GridKey,
  height: number,
): number | undefined {
  const last = count - 1;
  const within = (index: number) => Math.min(Math.max(index, 0), last);
  const rowStart = from - (from % columns);
  const page = Math.max(1, Math.floor(height / (tileHeight + gap))) * columns;
  /** A step by rows stays in its column. */
  const byRows = (by: number) => {
    const to = from + by;
    if (to < 0) return from % columns;
    return to > last ? lastOfColumn(from % columns, columns, last) : to;
  };
  switch (key) {
    case "ArrowLeft":
      return within(from - 1);
    case "ArrowRight":
      return within(from + 1);
    case "ArrowUp":
      return from < columns ? from : from - columns;
    case "ArrowDown":
      // Into a last row that is shorter.
      return rowStart + columns > last ? from : within(from + columns);
    case "PageUp":
      return byRows(-page);
    case "PageDown":
      return byRows(page);
    case "Home":
      return isFar ? 0 : rowStart;
    case "End":
      return isFar ? last : within(rowStart + columns - 1);
    default:
      return undefined;
  }
}

function lastOfColumn(column: number, columns: number, last: number): number {
  const inLastRow = last - (last % columns) + column;
  return inLastRow <= last ? inLastRow : Math.max(0, inLastRow - columns);
}
