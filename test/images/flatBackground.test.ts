import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { withoutFlatBackground } from "../../src/images/flatBackground.ts";
import type { RgbaImage, RgbImage } from "../../src/images/rgbImage.ts";
import { seededRandom } from "./seededRandom.ts";

type Color = readonly [number, number, number];
const white: Color = [255, 255, 255];
const blue: Color = [40, 70, 200];

/** A shape: whether a point belongs to it, in units of the picture's width. */
type Shape = (x: number, y: number) => boolean;
const disc: Shape = (x, y) => Math.hypot(x - 0.5, y - 0.5) < 0.3;
const ring: Shape = (x, y) => disc(x, y) && Math.hypot(x - 0.5, y - 0.5) > 0.15;

/** How much of each pixel a shape covers, 0 to 1, from 8 by 8 points of it. */
function coverageOf(shape: Shape, size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, pixel) => {
    let inside = 0;
    for (let point = 0; point < 64; point++) {
      const x = (pixel % size) + ((point % 8) + 0.5) / 8;
      const y = Math.floor(pixel / size) + (Math.floor(point / 8) + 0.5) / 8;
      if (shape(x / size, y / size)) inside++;
    }
    return inside / 64;
  });
}

/** A figure of one color on a background of another, with anti-aliased edges. */
function drawn(coverage: Float64Array, figure: Color, background: Color): RgbImage {
  const size = Math.sqrt(coverage.length);
  const data = new Uint8Array(coverage.length * 3);
  for (const [pixel, share] of coverage.entries()) {
    for (let i = 0; i < 3; i++) {
      data[pixel * 3 + i] = Math.round((figure[i] ?? 0) * share + (background[i] ?? 0) * (1 - share));
    }
  }
  return { width: size, height: size, data };
}

function noisy(image: RgbImage, levels: number): RgbImage {
  const random = seededRandom(9);
  const data = new Uint8Array(
    Uint8ClampedArray.from(image.data, (value) => value + (random() * 2 - 1) * levels).buffer,
  );
  return { ...image, data };
}

const alphaAt = ({ width, data }: RgbaImage, x: number, y: number) => data[(y * width + x) * 4 + 3] ?? -1;
const colorAt = ({ width, data }: RgbaImage, x: number, y: number) => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3),
];

/** Mean and largest difference of the opacity from what was drawn, in levels of 255. */
function alphaError({ data }: RgbaImage, coverage: Float64Array): { mean: number; largest: number } {
  const errors = Array.from(coverage, (share, i) => Math.abs((data[i * 4 + 3] ?? 0) - share * 255));
  return { mean: errors.reduce((sum, error) => sum + error) / errors.length, largest: Math.max(...errors) };
}

function corners(image: RgbaImage): number[] {
  const [right, bottom] = [image.width - 1, image.height - 1];
  return [
    alphaAt(image, 0, 0),
    alphaAt(image, right, 0),
    alphaAt(image, 0, bottom),
    alphaAt(image, right, bottom),
  ];
}

/** The largest difference of a color that is seen at all from the figure's. */
function halo({ data }: RgbaImage, figure: Color): number {
  let largest = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 0) continue;
    for (let c = 0; c < 3; c++) largest = Math.max(largest, Math.abs((data[i + c] ?? 0) - (figure[c] ?? 0)));
  }
  return largest;
}

const size = 96;
const discs = coverageOf(disc, size);

describe("an anti-aliased figure", () => {
  test.each([
    ["blue on white", blue, white],
    ["white on blue", white, blue],
    ["yellow on gray", [250, 220, 40], [120, 120, 120]],
    ["black on red", [0, 0, 0], [220, 30, 40]],
  ] as const)("%s gets its coverage back as opacity, in its own color", (_, figure, background) => {
    const result = withoutFlatBackground(drawn(discs, figure, background));
    expect(corners(result)).toEqual([0, 0, 0, 0]);
    const { mean, largest } = alphaError(result, discs);
    expect(mean).toBeLessThan(0.5);
    // A pixel that is covered by less than a tenth counts as background, one by more than nine tenths as figure.
    expect(largest).toBeLessThan(26);
    expect(halo(result, figure)).toBeLessThan(26);
  });

  test("every pixel wholly within it stays opaque and as it was, every pixel wholly outside is clear", () => {
    const image = noisy(drawn(discs, blue, white), 5);
    const result = withoutFlatBackground(image);
    const wrong = Array.from(discs.keys()).filter((pixel) => {
      const [r, g, b, alpha] = result.data.subarray(pixel * 4, pixel * 4 + 4);
      if (discs[pixel] === 0) return alpha !== 0;
      const depth =
        0.3 * size - Math.hypot((pixel % size) + 0.5 - size / 2, Math.floor(pixel / size) + 0.5 - size / 2);
      if (depth < 4) return false;
      const own = image.data.subarray(pixel * 3, pixel * 3 + 3);
      return alpha !== 255 || r !== own[0] || g !== own[1] || b !== own[2];
    });
    expect(wrong).toEqual([]);
  });
});

test("a soft edge, as a VAE draws it, leaves no halo", async () => {
  const sharpImage = drawn(discs, blue, white);
  const { data } = await sharp(sharpImage.data, { raw: { width: size, height: size, channels: 3 } })
    .blur(0.8)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const result = withoutFlatBackground({ ...sharpImage, data: new Uint8Array(data) });
  expect(corners(result)).toEqual([0, 0, 0, 0]);
  expect(halo(result, blue)).toBeLessThan(30);
});

test("JPEG's traces are no obstacle", async () => {
  const clean = drawn(discs, [200, 40, 40], [240, 240, 235]);
  const jpeg = await sharp(clean.data, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
  const data = new Uint8Array(await sharp(jpeg).raw().toBuffer());
  const result = withoutFlatBackground({ ...clean, data });
  expect(corners(result)).toEqual([0, 0, 0, 0]);
  expect(alphaError(result, discs).mean).toBeLessThan(3);
  const left = Array.from(discs.keys()).filter((pixel) => {
    const radius = Math.hypot((pixel % size) - size / 2, Math.floor(pixel / size) - size / 2);
    return radius > 0.3 * size + 5 && result.data[pixel * 4 + 3] !== 0;
  });
  expect(left).toEqual([]);
});

test("an outline is cut off at its outer side only", () => {
  const outlined = drawn(discs, [0, 0, 0], white);
  const inner = coverageOf((x, y) => Math.hypot(x - 0.5, y - 0.5) < 0.27, size);
  const red: Color = [220, 30, 40];
  for (const [pixel, share] of inner.entries()) {
    for (let i = 0; i < 3; i++) {
      const below = outlined.data[pixel * 3 + i] ?? 0;
      outlined.data[pixel * 3 + i] = Math.round((red[i] ?? 0) * share + below * (1 - share));
    }
  }
  const result = withoutFlatBackground(outlined);
  expect(alphaError(result, discs).largest).toBeLessThan(26);
  expect(colorAt(result, size / 2, size / 2)).toEqual([...red]);
});

test("what the figure encloses stays", () => {
  const result = withoutFlatBackground(drawn(coverageOf(ring, size), blue, white));
  expect(corners(result)).toEqual([0, 0, 0, 0]);
  expect(alphaAt(result, size / 2, size / 2)).toBe(255);
  expect(colorAt(result, size / 2, size / 2)).toEqual([...white]);
});

test("a figure may be cut by the picture's edge", () => {
  const bust: Shape = (x, y) => Math.abs(x - 0.5) < 0.35 && y > 0.3;
  const coverage = coverageOf(bust, size);
  const result = withoutFlatBackground(drawn(coverage, blue, white));
  expect(alphaAt(result, size / 2, size - 1)).toBe(255);
  expect(alphaError(result, coverage).largest).toBeLessThan(26);
});

test("specks that noise sets apart go, stars stay", () => {
  const image = drawn(discs, blue, [128, 128, 128]);
  image.data.set([146, 146, 146], (15 * size + 15) * 3);
  image.data.set([255, 255, 255], (15 * size + 80) * 3);
  const result = withoutFlatBackground(image);
  expect(alphaAt(result, 15, 15)).toBe(0);
  expect(alphaAt(result, 80, 15)).toBe(255);
});

test("beneath clear pixels the figure's color goes on, so that mixing neighbors brings none of the background", () => {
  const result = withoutFlatBackground(drawn(discs, blue, white));
  const edge = Math.floor(0.2 * size) - 2;
  expect(alphaAt(result, edge, size / 2)).toBe(0);
  expect(colorAt(result, edge, size / 2)).toEqual([...blue]);
});

test("the frame that a network's padding leaves goes with the background, but not what of the figure lies in it", () => {
  const coverage = coverageOf((x, y) => disc(x, y) || (Math.abs(x - 0.5) < 0.1 && y > 0.5), size);
  const image = drawn(coverage, blue, [240, 240, 240]);
  for (const pixel of coverage.keys()) {
    const [x, y] = [pixel % size, Math.floor(pixel / size)];
    const depth = Math.min(x, y, size - 1 - x, size - 1 - y);
    const corner = Math.max(Math.min(x, size - 1 - x), Math.min(y, size - 1 - y)) < 7 ? 90 : 0;
    const darker = Math.max(corner, [60, 33, 23, 14, 7][depth] ?? 0);
    for (let i = 0; i < 3; i++)
      image.data[pixel * 3 + i] = Math.max(0, (image.data[pixel * 3 + i] ?? 0) - darker);
  }
  const result = withoutFlatBackground(image);
  expect(alphaError(result, coverage).largest).toBeLessThan(40);
  expect(corners(result)).toEqual([0, 0, 0, 0]);
  expect(alphaAt(result, size / 2, size - 1)).toBe(255);
});

test("a soft shadow goes, the figure that throws it stays whole", () => {
  const image = drawn(discs, blue, white);
  for (const [pixel, share] of discs.entries()) {
    const far = Math.hypot((pixel % size) / size - 0.5, Math.floor(pixel / size) / size - 0.5) - 0.3;
    const darker = share === 0 ? Math.max(0, 22 * (1 - far / 0.15)) : 0;
    for (let i = 0; i < 3; i++) image.data[pixel * 3 + i] = (image.data[pixel * 3 + i] ?? 0) - darker;
  }
  const result = withoutFlatBackground(image);
  expect(alphaError(result, discs).largest).toBeLessThan(40);
});

describe("a background that is not flat is refused, with how far it is from that", () => {
  test("a gradient", () => {
    const gradient = drawn(
      Float64Array.from({ length: size * size }, (_, i) => (i % size) / size),
      blue,
      white,
    );
    expect(() => withoutFlatBackground(gradient)).toThrow(
      /^The background is not flat, so it cannot be made transparent: 30 % of the picture's border is \d+ % or more/,
    );
  });

  test("noise all over", () => {
    const image = noisy(drawn(new Float64Array(size * size), white, [128, 128, 128]), 127);
    expect(() => withoutFlatBackground(image)).toThrow("Ask for a plain background in the prompt.");
  });

  test("a slight vignette is let through", () => {
    const image = drawn(discs, blue, [235, 235, 235]);
    for (const pixel of discs.keys()) {
      const darker =
        1 - 0.03 * Math.hypot((pixel % size) / size - 0.5, Math.floor(pixel / size) / size - 0.5);
      for (let i = 0; i < 3; i++) image.data[pixel * 3 + i] = (image.data[pixel * 3 + i] ?? 0) * darker;
    }
    expect(corners(withoutFlatBackground(image))).toEqual([0, 0, 0, 0]);
  });
});

test("an edge that overshoots leaves nothing of the background beside it", () => {
  const size = 96;
  const ground: Color = [14, 16, 18];
  const image = drawn(coverageOf(disc, size), [250, 220, 40], ground);
  // A ring darker than the background around the disc, as sharpened edges have it.
  for (let pixel = 0; pixel < size * size; pixel++) {
    const radius = Math.hypot((pixel % size) - 47.5, Math.floor(pixel / size) - 47.5);
    if (radius > 30.5 && radius < 32.5) image.data.set([0, 0, 0], pixel * 3);
  }
  const cut = withoutFlatBackground(image);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const radius = Math.hypot((pixel % size) - 47.5, Math.floor(pixel / size) - 47.5);
    const alpha = alphaAt(cut, pixel % size, Math.floor(pixel / size));
    if (radius > 30.5) expect(alpha).toBe(0);
    if (radius < 27) expect(alpha).toBe(255);
  }
});
