import type { Size } from "../../protocol/size.ts";

/** A stretch of cells along one axis: what a tile is for, and what it sees. */
export interface TileSpan {
  /** First cell that the tile is for, and the one behind its last. */
  readonly start: number;
  readonly stop: number;
  /** First cell that it sees; negative, or with more than there are behind it, where the image wraps around. */
  readonly from: number;
  /** How many it sees, the same for every tile of the axis. */
  readonly length: number;
}

/** How far a tile must see beyond what it is for, in cells. */
export interface Surroundings {
  readonly before: number;
  readonly after: number;
  /** Whether the image continues at its opposite edge. */
  readonly wraps: boolean;
}

/**
 * Divides an axis into tiles of nearly equal length. All see equally many cells, so that a runtime meets one shape:
 * at an edge that does not wrap, a tile sees more to the other side.
 * @param cells length of the axis
 * @param longest how many cells a tile may be for
 */
export function tileSpans(
  cells: number,
  longest: number,
  { before, after, wraps }: Surroundings,
): TileSpan[] {
  const count = Math.ceil(cells / Math.max(1, longest));
  const widest = Math.ceil(cells / count);
  const seen = widest + before + after;
  const length = wraps && count > 1 ? seen : wraps ? cells + before + after : Math.min(cells, seen);
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * cells) / count);
    const stop = Math.floor(((index + 1) * cells) / count);
    const from = wraps ? start - before : Math.max(0, Math.min(start - before, cells - length));
    return { start, stop, from, length };
  });
}

/** The tiles of an image, row by row. */
export interface Tile {
  readonly y: TileSpan;
  readonly x: TileSpan;
}

export function tilesOf(
  size: Size,
  longest: number,
  { before, after }: { before: number; after: number },
  wrap: { x: boolean; y: boolean },
): Tile[] {
  const columns = tileSpans(size.width, longest, { before, after, wraps: wrap.x });
  return tileSpans(size.height, longest, { before, after, wraps: wrap.y }).flatMap((y) =>
    columns.map((x) => ({ y, x })),
  );
}
