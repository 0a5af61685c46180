/** A place of the picture, in its pixels. */
export interface MaskPoint {
  readonly x: number;
  readonly y: number;
}

/** One thing that was done to a mask. */
export type MaskAction =
  | {
      readonly kind: "stroke";
      readonly points: readonly MaskPoint[];
      /** In pixels of the picture. */
      readonly radius: number;
      readonly erases: boolean;
    }
  | { readonly kind: "clear" }
  | { readonly kind: "invert" };

/** So much can be undone; what is older than that stays as it is, and a long painting stays quick. */
export const longestHistory = 200;

/** What was done to a mask, and what was undone of it. */
export interface MaskHistory {
  readonly done: readonly MaskAction[];
  readonly undone: readonly MaskAction[];
}

export const emptyHistory: MaskHistory = { done: [], undone: [] };

/**
 * Does something.
 * @returns the history, and what has become too old to be undone
 */
export function act(
  { done }: MaskHistory,
  action: MaskAction,
): { readonly history: MaskHistory; readonly settled: readonly MaskAction[] } {
  const all = [...done, action];
  const excess = Math.max(0, all.length - longestHistory);
  return { history: { done: all.slice(excess), undone: [] }, settled: all.slice(0, excess) };
}

/** Takes the last thing back. */
export function undo({ done, undone }: MaskHistory): MaskHistory {
  const last = done.at(-1);
  return last ? { done: done.slice(0, -1), undone: [last, ...undone] } : { done, undone };
}

/** Does again what was taken back last. */
export function redo({ done, undone }: MaskHistory): MaskHistory {
  const [next, ...rest] = undone;
  return next ? { done: [...done, next], undone: rest } : { done, undone };
}

/** The part of a canvas's context that a mask is painted with. */
export interface MaskSurface {
  globalCompositeOperation: string;
  lineWidth: number;
  beginPath(): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  fill(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  clearRect(x: number, y: number, width: number, height: number): void;
}

/**
 * Paints an action on a surface that is clear where the mask is not.
 * @param scale pixels of the surface to a pixel of the picture
 */
export function paint(
  surface: MaskSurface,
  action: MaskAction,
  { width, height, scale }: { readonly width: number; readonly height: number; readonly scale: number },
): void {
  switch (action.kind) {
    case "clear":
      surface.clearRect(0, 0, width, height);
      return;
    case "invert":
      surface.globalCompositeOperation = "xor";
      surface.fillRect(0, 0, width, height);
      return;
    case "stroke":
      surface.globalCompositeOperation = action.erases ? "destination-out" : "source-over";
      paintStroke(surface, action.points, action.radius * scale, scale);
  }
}

function paintStroke(
  surface: MaskSurface,
  points: readonly MaskPoint[],
  radius: number,
  scale: number,
): void {
  const [first, ...rest] = points;
  if (!first) return;
  // A line of no length paints nothing: a dab is a disc.
  surface.beginPath();
  surface.arc(first.x * scale, first.y * scale, radius, 0, 2 * Math.PI);
  surface.fill();
  if (rest.length === 0) return;
  surface.lineWidth = 2 * radius;
  surface.beginPath();
  surface.moveTo(first.x * scale, first.y * scale);
  for (const { x, y } of rest) surface.lineTo(x * scale, y * scale);
  surface.stroke();
}

/**
 * The size of the canvas that a mask of a picture is painted on: the picture's own, or smaller where that would be
 * larger than `longest`. The host brings picture and mask to one size.
 */
export function maskCanvasSize(
  picture: { readonly width: number; readonly height: number },
  longest = 2048,
): { readonly width: number; readonly height: number; readonly scale: number } {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const scaled = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: scaled(picture.width), height: scaled(picture.height), scale };
}
