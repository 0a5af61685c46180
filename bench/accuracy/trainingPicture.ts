import type { RgbImage } from "../../src/images/rgbImage.ts";
import type { FigureSize, Grammar, Scene } from "./grammar.ts";
import { isInShape } from "./outlines.ts";
import { pick } from "./seededRandom.ts";

const side = 128;
/** Points along each side of a pixel at which the shape is asked. */
const points = 8;

/**
 * The part of a pixel that the shape covers, its box being `extent` pixels from the middle to each side. Only pixels
 * whose corners differ are looked at closely: no part of a figure is narrower than a pixel.
 */
function coverageOf(shape: string, left: number, up: number, extent: number): number {
  const covers = (right: number, down: number) =>
    isInShape(shape, (left + right) / extent, (up - down) / extent);
  const corner = covers(0, 0);
  if (covers(1, 0) === corner && covers(0, 1) === corner && covers(1, 1) === corner) return corner ? 1 : 0;
  let hits = 0;
  for (let point = 0; point < points * points; point++) {
    if (covers(((point % points) + 0.5) / points, (Math.floor(point / points) + 0.5) / points)) hits++;
  }
  return hits / (points * points);
}

/**
 * The picture that training would show for a caption: the same colors, a size that the grammar allows, edges covered
 * by the pixel. Place and turn are those in the middle of what training varies.
 */
export function trainingPicture(
  { palette, sizes }: Grammar,
  { shape, color, background, size }: Scene,
  random: () => number,
): RgbImage {
  const [least, most] = sizes[size ?? pick<FigureSize>(random, ["small", "large"])];
  const extent = side * (least + (most - least) * random());
  const figure = palette[color] ?? [0, 0, 0];
  const ground = palette[background] ?? [0, 0, 0];
  const image: RgbImage = { width: side, height: side, data: new Uint8Array(side * side * 3) };
  for (let pixel = 0; pixel < side * side; pixel++) {
    const cover = coverageOf(shape, (pixel % side) - side / 2, side / 2 - Math.floor(pixel / side), extent);
    for (const channel of [0, 1, 2] as const) {
      const value = cover * (figure[channel] ?? 0) + (1 - cover) * (ground[channel] ?? 0);
      image.data[pixel * 3 + channel] = Math.round(value);
    }
  }
  return image;
}
