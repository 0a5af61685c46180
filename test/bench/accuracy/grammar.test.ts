import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { drawCaptions, isHeldOut, readGrammar } from "../../../bench/accuracy/grammar.ts";
import { seededRandom } from "../../../bench/accuracy/seededRandom.ts";

const grammar = readGrammar(join(import.meta.dirname ?? "", "../../../models/training/grammar.json"));

describe("captions", () => {
  const captions = drawCaptions(grammar, 200, seededRandom(1));

  test("the same seed gives the same ones, another seed others", () => {
    expect(drawCaptions(grammar, 200, seededRandom(1))).toEqual(captions);
    expect(drawCaptions(grammar, 200, seededRandom(2))).not.toEqual(captions);
  });

  test("are all different and say what they ask for", () => {
    expect(new Set(captions.map(({ text }) => text)).size).toBe(200);
    for (const { text, scene } of captions) {
      const { shape, color, background, size } = scene;
      const article = (word: string) => (/^[aeiou]/.test(word) ? "an" : "a");
      const figure = size ? `${size} ${color}` : color;
      expect(text).toBe(
        `${article(figure)} ${figure} ${shape} on ${article(background)} ${background} background`,
      );
      expect(color).not.toBe(background);
    }
  });

  test("hold every shape and color, and combinations that training never saw", () => {
    expect(new Set(captions.map(({ scene }) => scene.shape))).toEqual(new Set(grammar.shapes));
    expect(new Set(captions.map(({ scene }) => scene.color))).toEqual(new Set(grammar.colors));
    const held = captions.filter(({ heldOut }) => heldOut).length;
    expect(held).toBeGreaterThan(8);
    expect(held).toBeLessThan(40);
  });
});

test("a tenth of the combinations is held out, by the rule of the grammar", () => {
  expect(isHeldOut(grammar, { shape: "circle", color: "red", background: "red" })).toBe(true);
  expect(isHeldOut(grammar, { shape: "square", color: "orange", background: "red" })).toBe(true);
  expect(isHeldOut(grammar, { shape: "square", color: "orange", background: "orange" })).toBe(false);
});
