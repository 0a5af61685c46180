// What torch's generator draws on a CPU (test/reference/make_outputs.py): whole arrays by their hash, short ones and
// ends value by value.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";

export interface NoiseCase {
  seed: number;
  /** Shapes drawn one after the other from one generator. */
  draws: number[][];
  count: number;
  sha256: string;
  kept: "all" | "first and last 64";
  offset: number;
}

export const noiseFolder = "test/fixtures/tiny-sdxl-outputs";

export const { entries: noiseCases }: { entries: NoiseCase[] } = JSON.parse(
  readFileSync(`${noiseFolder}/noise.json`, "utf8"),
);

/** All values of a case, drawn by Limner. */
export function drawAll({ seed, draws }: NoiseCase): Float32Array {
  const generator = new TorchGenerator(seed);
  const parts = draws.map((shape) => generator.randn(shape.reduce((product, length) => product * length, 1)));
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/** The hash of drawn values, which equals the stored one where every bit does. */
export function hashOf(drawn: Float32Array): string {
  return createHash("sha256").update(new Uint8Array(drawn.buffer)).digest("hex");
}
