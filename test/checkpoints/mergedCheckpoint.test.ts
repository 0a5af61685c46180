import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { readFloats } from "../../src/checkpoints/floatValues.ts";
import { type LoraChoice, type LoraReport, withLoras } from "../../src/checkpoints/mergedCheckpoint.ts";
import { openCheckpoint } from "../../src/checkpoints/openCheckpoint.ts";
import { readFloats as readStored } from "../support/npy.ts";
import { f32, safetensorsBytes, temporaryFolder, writeFileIn } from "./safetensorsWriter.ts";

const source = "test/fixtures/convert/sdxl-like/source";
const loras = "test/fixtures/convert/sdxl-like/lora";
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

interface FusedWeight {
  weight: string;
  shape: number[];
  first: number[];
  norm: number;
  file?: string;
}
const fused: FusedWeight[] = JSON.parse(readFileSync(join(loras, "index.json"), "utf8")).weights;

/** The values of a weight by its name in index.json: `unet.conv_in.weight`, `text_encoder.…`. */
async function valuesOf(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const dot = name.indexOf(".");
  const submodels = {
    unet: checkpoint.unet,
    text_encoder: checkpoint.textEncoder,
    text_encoder_2: checkpoint.textEncoder2,
  };
  const tensor = submodels[name.slice(0, dot) as keyof typeof submodels]?.tensors.get(name.slice(dot + 1));
  if (!tensor) throw new Error(`${name} is missing`);
  return readFloats(tensor);
}

/** Opens the tiny pipeline, merges, and closes everything after `task`. */
async function merging<T>(
  choices: readonly LoraChoice[],
  task: (checkpoint: Checkpoint, reports: LoraReport[]) => Promise<T>,
): Promise<T> {
  const plain = await openCheckpoint(source);
  try {
    const { checkpoint, reports } = await withLoras(plain, choices);
    return await task(checkpoint, reports).finally(checkpoint.close);
  } finally {
    await plain.close();
  }
}

const choice = (file: string, scale: number): LoraChoice => ({ file: join(loras, file), scale });

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < b.length; i++)
    largest = Math.max(largest, Math.abs((a[i] ?? Number.NaN) - (b[i] ?? 0)));
  return largest;
}

describe("a checkpoint with a LoRA merged into it", () => {
  it.each(["peft.safetensors", "kohya.safetensors", "kohya-sgm.safetensors"])(
    "has the weights that PEFT fuses: %s",
    async (file) => {
      await merging([choice(file, 1)], async (checkpoint, reports) => {
        expect(reports).toEqual([{ file, merged: fused.length, unmatched: [] }]);
        for (const { weight, first, norm, file: stored } of fused) {
          const values = await valuesOf(checkpoint, weight);
          const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          expect(largestDifference(values, first) / largest, weight).toBeLessThan(1e-5);
          expect(Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) / norm).toBeCloseTo(1, 6);
          if (!stored) continue;
          const whole = readStored(join(loras, stored)).data;
          expect(largestDifference(values, whole) / largest, weight).toBeLessThan(1e-5);
        }
      });
    },
  );

  it("counts a missing alpha as the rank, and follows the scale", async () => {
    const name = "unet.conv_in.weight";
    const before = await merging([], (checkpoint) => valuesOf(checkpoint, name));
    const change = async (file: string, scale: number) =>
      (await merging([choice(file, scale)], (checkpoint) => valuesOf(checkpoint, name))).map(
        (value, i) => value - (before[i] ?? 0),
      );
    // alpha is 6 and the rank is 4.
    const whole = await change("kohya.safetensors", 1);
    const half = await change("kohya.safetensors", 0.5);
    const unscaled = await change("peft-without-alpha.safetensors", 1);
    const times = (values: Float32Array, factor: number) => values.map((value) => value * factor);
    expect(largestDifference(whole, times(half, 2))).toBeLessThan(1e-5);
    expect(largestDifference(whole, times(unscaled, 1.5))).toBeLessThan(1e-5);
    expect(Math.max(...whole)).toBeGreaterThan(0.1);
  });

  it("adds up several files", async () => {
    const name = "text_encoder_2.text_model.encoder.layers.0.self_attn.q_proj.weight";
    const merged = (...scales: number[]) =>
      merging(
        scales.map((scale) => choice("kohya.safetensors", scale)),
        (checkpoint) => valuesOf(checkpoint, name),
      );
    expect(largestDifference(await merged(0.25, 0.75), await merged(1))).toBeLessThan(1e-6);
  });
});

describe("a LoRA file", () => {
  const key = "lora_unet_mid_block_attentions_0_proj_in";
  const layer = (module: string) => ({
    [`${module}.lora_down.weight`]: f32([1, 24], Array(24).fill(1)),
    [`${module}.lora_up.weight`]: f32([24, 1], Array(24).fill(1)),
  });

  const merge = (name: string, bytes: Uint8Array) =>
    merging([{ file: writeFileIn(folder, name, bytes), scale: 1 }], async (_, reports) => reports[0]);

  it("may have modules that the model lacks: they are reported", async () => {
    const bytes = safetensorsBytes({ ...layer(key), ...layer("lora_unet_up_blocks_9_attentions_0_proj_in") });
    expect(await merge("partly.safetensors", bytes)).toEqual({
      file: "partly.safetensors",
      merged: 1,
      unmatched: ["lora_unet_up_blocks_9_attentions_0_proj_in"],
    });
  });

  it("is refused when no module of it is in the model", async () => {
    const bytes = safetensorsBytes(layer("transformer.single_blocks.0.proj"));
    await expect(merge("flux.safetensors", bytes)).rejects.toThrow(
      'flux.safetensors changes nothing in this model: none of its 1 modules ("transformer.single_blocks.0.proj", …) is in it. Is it a LoRA for SDXL?',
    );
  });

  it("drops what is there twice under original names", async () => {
    const bytes = safetensorsBytes({ ...layer("lora_unet_middle_block_1_proj_in"), ...layer(key) });
    expect(await merge("both.safetensors", bytes)).toEqual({
      file: "both.safetensors",
      merged: 1,
      unmatched: [],
    });
  });

  it.each([
    [`${key}.lora_mid.weight`, "a Tucker (CP) decomposition"],
    [`${key}.oft_blocks`, "OFT or BOFT"],
    [`${key}.a1.weight`, "GLoRA"],
    [`${key}.on_input`, "IA³"],
    [`${key}.diff`, "full weight differences"],
  ])("of a kind that is not merged is refused by name: %s", async (name, what) => {
    const bytes = safetensorsBytes({ ...layer(key), [name]: f32([1], [1]) });
    await expect(merge("kind.safetensors", bytes)).rejects.toThrow(`kind.safetensors uses ${what}`);
  });

  it("is refused when it holds something else, or does not fit", async () => {
    await expect(merge("none.safetensors", safetensorsBytes({ x: f32([1], [1]) }))).rejects.toThrow(
      "none.safetensors holds no LoRA",
    );
    const wide = { ...layer(key), [`${key}.lora_down.weight`]: f32([1, 25], Array(25).fill(1)) };
    await expect(merge("wide.safetensors", safetensorsBytes(wide))).rejects.toThrow(
      "wide.safetensors does not fit this model",
    );
  });
});
