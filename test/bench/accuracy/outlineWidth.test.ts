import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Figure, findFigure } from "../../../bench/accuracy/figure.ts";
import { readGrammar } from "../../../bench/accuracy/grammar.ts";
import { imageCheck, judge } from "../../../bench/accuracy/imageCheck.ts";
import { outlineWidth } from "../../../bench/accuracy/outlineWidth.ts";
import { seededRandom } from "../../../bench/accuracy/seededRandom.ts";
import { trainingPicture } from "../../../bench/accuracy/trainingPicture.ts";
import type { RgbImage } from "../../../src/images/rgbImage.ts";
import { type Drawing, draw, svgShapes } from "./drawnPictures.ts";

const grammar = readGrammar(join(import.meta.dirname ?? "", "../../../models/training/grammar.json"));
const square: Drawing = {
  figure: svgShapes["square"] ?? "",
  color: [40, 40, 40],
  background: [220, 220, 220],
  extent: 40,
  center: [64, 64],
  turn: 0,
};

/** One way of a Gaussian blur over bytes, exact to the byte: sharp's own cuts its kernel short. */
function blurAlong(data: Float64Array, step: number, deviation: number): Float64Array {
  const half = Math.ceil(4 * deviation);
  const kernel = Array.from({ length: 2 * half + 1 }, (_, at) =>
    Math.exp(-(((at - half) / deviation) ** 2) / 2),
  );
  const whole = kernel.reduce((sum, weight) => sum + weight, 0);
  return data.map((here, at) =>
    kernel.reduce((sum, weight, k) => sum + (weight / whole) * (data[at + (k - half) * step] ?? here), 0),
  );
}

function blurred(image: RgbImage, deviation: number): RgbImage {
  const rows = blurAlong(Float64Array.from(image.data), 3, deviation);
  const data = Uint8Array.from(blurAlong(rows, 3 * image.width, deviation), Math.round);
  return { ...image, data };
}

async function figureOf({ blur = 0, ...drawing }: Partial<Drawing>): Promise<Figure> {
  const image = await draw({ ...square, ...drawing }, seededRandom(1));
  const figure = findFigure(blur > 0 ? blurred(image, blur) : image);
  if (typeof figure === "string") throw new Error(figure);
  return figure;
}

const widthOf = async (drawing: Partial<Drawing>) => outlineWidth(await figureOf(drawing));

describe("the width of an outline", () => {
  test("a step blurred by a Gauss measures 2√π times its deviation", async () => {
    for (const blur of [1, 1.5, 2]) {
      expect(await widthOf({ blur }), String(blur)).toBeCloseTo(2 * Math.sqrt(Math.PI) * blur, 0);
    }
  });

  test("grows with the blur, and is least without any", async () => {
    for (const shape of ["circle", "ring", "star"]) {
      const widths = [];
      for (const blur of [0, 0.6, 1, 1.8]) widths.push(await widthOf({ figure: svgShapes[shape], blur }));
      expect(widths, shape).toEqual([...widths].sort((one, other) => one - other));
      expect(widths[0], shape).toBeLessThan(2);
      expect((widths[3] ?? 0) / (widths[0] ?? 1), shape).toBeGreaterThan(2.5);
    }
  });

  test("does not depend on the colors and hardly on noise", async () => {
    const plain = await widthOf({ blur: 1.2 });
    for (const [color, background] of [
      [
        [214, 32, 38],
        [28, 96, 220],
      ],
      [
        [16, 16, 18],
        [248, 248, 246],
      ],
      [
        [255, 226, 46],
        [146, 36, 164],
      ],
    ] as const) {
      expect((await widthOf({ color, background, blur: 1.2 })) / plain).toBeCloseTo(1, 0.5);
    }
    expect((await widthOf({ blur: 1.2, noise: 3 })) / plain).toBeCloseTo(1, 0.5);
  });

  test("an outline sharper than a drawn one measures less", async () => {
    const figure = await figureOf({ blur: 1 });
    const sharpened = figure.shares.map((share) => 0.5 + 2 * (share - 0.5));
    expect(outlineWidth({ ...figure, shares: sharpened })).toBeLessThan(0.6 * outlineWidth(figure));
  });
});

test("training pictures are recognized, and their outlines measure what sharp drawn ones do", async () => {
  const random = seededRandom(3);
  const check = imageCheck(grammar);
  for (const shape of grammar.shapes) {
    const scene = { shape, color: "white", background: "green", size: "large" } as const;
    const seen = check(trainingPicture(grammar, scene, random));
    expect(judge(seen, scene).all, shape).toBe(true);
    expect(seen.outline, shape).toBeGreaterThan(1);
    expect(seen.outline, shape).toBeLessThan(2);
  }
});
