import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { drawCaptions, type FigureSize, readGrammar } from "../../../bench/accuracy/grammar.ts";
import { imageCheck, judge } from "../../../bench/accuracy/imageCheck.ts";
import { pick, seededRandom } from "../../../bench/accuracy/seededRandom.ts";
import { type Drawing, draw, drawingOf, render, svgShapes } from "./drawnPictures.ts";

const grammar = readGrammar(join(import.meta.dirname ?? "", "../../../models/training/grammar.json"));
const check = imageCheck(grammar);
const red = [214, 32, 38] as const;
const blue = [28, 96, 220] as const;

/** The part of seeded pictures that the check sees as what they show. */
async function partRight(count: number, seed: number, spoil: Partial<Drawing>): Promise<number> {
  const random = seededRandom(seed);
  let right = 0;
  for (const { scene } of drawCaptions(grammar, count, random)) {
    const whole = { ...scene, size: scene.size ?? pick<FigureSize>(random, ["small", "large"]) };
    const image = await draw({ ...drawingOf(grammar, whole, random), ...spoil }, random);
    if (judge(check(image), whole).all) right++;
  }
  return right / count;
}

describe("pictures that show what they should", () => {
  test("clean ones, jittered as the training pictures are", async () => {
    expect(await partRight(100, 1, {})).toBeGreaterThanOrEqual(0.99);
  });

  test("with the soft edges of a decoder", async () => {
    expect(await partRight(50, 2, { blur: 1.2 })).toBeGreaterThanOrEqual(0.99);
  });

  test("with noise", async () => {
    expect(await partRight(50, 3, { noise: 6 })).toBeGreaterThanOrEqual(0.99);
  });

  test("with strong blur and noise", async () => {
    expect(await partRight(50, 4, { blur: 2.5, noise: 8 })).toBeGreaterThanOrEqual(0.95);
  });
});

describe("pictures that show something else", () => {
  const circle: Drawing = {
    figure: svgShapes["circle"] ?? "",
    color: red,
    background: blue,
    extent: 38,
    center: [64, 64],
    turn: 0,
  };
  const scene = { shape: "circle", color: "red", background: "blue", size: "large" as const };
  const random = seededRandom(9);

  test("the picture that is asked for is right", async () => {
    expect(judge(check(await draw(circle, random)), scene)).toEqual({
      shape: true,
      color: true,
      background: true,
      size: true,
      all: true,
    });
  });

  test("every other shape, color, background and size is told", async () => {
    for (const [shape, figure] of Object.entries(svgShapes)) {
      if (shape === "circle") continue;
      const verdict = judge(check(await draw({ ...circle, figure }, random)), scene);
      expect(verdict).toEqual({ shape: false, color: true, background: true, size: true, all: false });
    }
    for (const [name, color] of Object.entries(grammar.palette)) {
      if (name !== "red" && name !== "blue") {
        const otherFigure = judge(check(await draw({ ...circle, color }, random)), scene);
        expect([name, otherFigure.color, otherFigure.all]).toEqual([name, false, false]);
        const otherGround = judge(check(await draw({ ...circle, background: color }, random)), scene);
        expect([name, otherGround.background, otherGround.all]).toEqual([name, false, false]);
      }
    }
    const small = judge(check(await draw({ ...circle, extent: 21 }, random)), scene);
    expect(small).toEqual({ shape: true, color: true, background: true, size: false, all: false });
  });

  test("figure and ground exchanged", async () => {
    const seen = check(await draw({ ...circle, color: blue, background: red }, random));
    expect(seen).toMatchObject({ shape: "circle", color: "blue", background: "red" });
  });

  test("outlines that are none of the eight", async () => {
    const strangers = {
      bar: '<rect x="-1" y="-.3" width="2" height=".6"/>',
      crescent: '<path d="M.4,-1A1,1 0 1,0 .4,1A1.2,1.2 0 0,1 .4,-1z"/>',
      half: '<path d="M-1,0A1,1 0 0,1 1,0z"/>',
      arrow: '<path d="M-1,-.2H.2V-.7L1,0L.2,.7V.2H-1z"/>',
      letter: '<path d="M-.8,-1H-.3V.5H.8V1H-.8z"/>',
    };
    for (const [name, figure] of Object.entries(strangers)) {
      expect([name, check(await draw({ ...circle, figure }, random)).shape]).toEqual([name, undefined]);
    }
  });

  test("colors between those of the palette have no name", async () => {
    const seen = check(
      await draw({ ...circle, color: [128, 128, 128], background: [150, 190, 190] }, random),
    );
    expect([seen.color, seen.background]).toEqual([undefined, undefined]);
  });

  test("no figure, two figures, patches in the figure or the ground, and mere noise", async () => {
    expect(check(await render("", blue)).reason).toBe("nothing stands out");
    const two =
      '<g fill="rgb(214,32,38)"><circle cx="32" cy="64" r="20"/><circle cx="96" cy="64" r="20"/></g>';
    expect(check(await render(two, blue)).reason).toBe("several figures");
    const patched =
      '<circle cx="64" cy="64" r="40" fill="rgb(214,32,38)"/><rect x="50" y="44" width="28" height="40" fill="black"/>';
    expect(check(await render(patched, [248, 248, 246])).reason).toBe("the figure is not even");
    const halves =
      '<rect width="60" height="128" fill="rgb(60,180,250)"/><circle cx="64" cy="64" r="36" fill="rgb(214,32,38)"/>';
    expect(check(await render(halves, blue)).reason).toBe("the ground is not even");
    const noise = await draw({ ...circle, color: blue, noise: 80 }, random);
    expect(check(noise).reason).toBeDefined();
  });
});
