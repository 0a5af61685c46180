import { readFileSync } from "node:fs";
import * as z from "zod";
import { pick } from "./seededRandom.ts";

const byte = z.int().min(0).max(255);
const range = z.tuple([z.number(), z.number()]);
const words = z.tuple([z.string()], z.string());

const grammarSchema = z.object({
  palette: z.record(z.string(), z.tuple([byte, byte, byte])),
  colors: words,
  shapes: words,
  sizes: z.object({ small: range, large: range }),
  heldOut: z.object({
    shape: z.int(),
    color: z.int(),
    background: z.int(),
    modulus: z.int().min(1),
    remainder: z.int(),
  }),
  captions: z.object({ test: z.string(), sizeNamed: z.number().min(0).max(1) }),
});

/** What the box model was taught: its colors, shapes, sizes and sentences. */
export type Grammar = z.infer<typeof grammarSchema>;

export type FigureSize = "small" | "large";

/** What a picture should show. */
export interface Scene {
  shape: string;
  color: string;
  background: string;
  /** Absent where the caption names none. */
  size?: FigureSize;
}

/** A caption with what it asks for. */
export interface TestCaption {
  text: string;
  scene: Scene;
  /** Whether training never saw this shape, color and background together. */
  heldOut: boolean;
}

/** Reads the grammar's file. */
export function readGrammar(file: string): Grammar {
  return grammarSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** Whether training never saw a combination. */
export function isHeldOut({ heldOut, shapes, colors }: Grammar, scene: Scene): boolean {
  const sum =
    heldOut.shape * shapes.indexOf(scene.shape) +
    heldOut.color * colors.indexOf(scene.color) +
    heldOut.background * colors.indexOf(scene.background);
  return sum % heldOut.modulus === heldOut.remainder;
}

function captionOf({ captions }: Grammar, { shape, color, background, size }: Scene): string {
  return captions.test
    .replace("{size}", size ? `${size} ` : "")
    .replace("{color}", color)
    .replace("{shape}", shape)
    .replace("{background}", background)
    .replace(/\{a\} (\w)/g, (_, letter: string) => `${/[aeiou]/.test(letter) ? "an" : "a"} ${letter}`);
}

/** Draws different captions, every combination of shape, color and another color behind it being equally likely. */
export function drawCaptions(grammar: Grammar, count: number, random: () => number): TestCaption[] {
  const found = new Map<string, TestCaption>();
  while (found.size < count) {
    const color = pick(random, grammar.colors);
    const background = pick(random, grammar.colors);
    const shape = pick(random, grammar.shapes);
    const named = random() < grammar.captions.sizeNamed;
    const size = pick<FigureSize>(random, ["small", "large"]);
    if (color === background) continue;
    const scene: Scene = { shape, color, background, ...(named ? { size } : {}) };
    const text = captionOf(grammar, scene);
    if (!found.has(text)) found.set(text, { text, scene, heldOut: isHeldOut(grammar, scene) });
  }
  return [...found.values()];
}
