/** One of them is seen on every picture, whatever its colors. */
const [ground, stripe] = ["#ff2d6f", "#fff"] as const;

/** So many stripes cross the longer side of the picture. */
const stripes = 32;

/**
 * A tile of what masks look like over the picture: slanted stripes of two colors, opaque, since what is clear is not
 * masked.
 * @param longerSide of the canvas that is painted on, in its pixels
 */
export function maskHatch(longerSide: number): HTMLCanvasElement {
  const size = Math.max(6, Math.round(longerSide / stripes));
  const tile = document.createElement("canvas");
  tile.width = size;
  tile.height = size;
  const context = tile.getContext("2d");
  if (!context) throw new Error("The browser has no canvas.");
  context.fillStyle = ground;
  context.fillRect(0, 0, size, size);
  context.strokeStyle = stripe;
  context.lineWidth = size * 0.3;
  context.beginPath();
  // The corners belong to the stripes of the tiles beside this one.
  for (const shift of [-size, 0, size]) {
    context.moveTo(shift - size, 2 * size);
    context.lineTo(shift + 2 * size, -size);
  }
  context.stroke();
  return tile;
}
