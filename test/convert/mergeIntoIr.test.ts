// LoRAs merged into a folder of IR whose checkpoint is not at hand, against what PEFT fuses from the same files.
import { lstatSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFloats } from "../../src/checkpoints/floatValues.ts";
import { convertModel } from "../../src/convert/convertModel.ts";
import { irTensor } from "../../src/convert/irTensor.ts";
import { irWeights } from "../../src/convert/irWeights.ts";
import { mergeIntoIr } from "../../src/convert/mergeIntoIr.ts";
import { readIr } from "../../src/graph/ir/readIr.ts";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";
import { readFloats as readStored } from "../support/npy.ts";
import { fixtures } from "./convertedModel.ts";

const source = join(fixtures, "sdxl-like", "source");
const loras = join(fixtures, "sdxl-like", "lora");
const folder = temporaryFolder();
const fused: { weight: string; shape: number[]; file?: string; norm: number }[] = JSON.parse(
  readFileSync(join(loras, "index.json"), "utf8"),
).weights;

type Weights = "fp32" | "fp16" | "int8" | "int4";

afterAll(() => rmSync(folder, { recursive: true }));

async function valuesIn(model: string, name: string): Promise<Float32Array> {
  const dot = name.indexOf(".");
  const graph = await readIr(join(model, name.slice(0, dot), "openvino_model.xml"));
  const weight = irWeights(graph).get(name.slice(dot + 1));
  if (!weight) throw new Error(`${model} has no ${name}`);
  return readFloats(irTensor(name, weight));
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] ?? 0));
  return most;
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return largest(Array.from({ length: a.length }, (_, i) => (a[i] ?? 0) - (b[i] ?? 0)));
}

/** Half a step of each quantization, of the largest weight: before merging and after. */
const tolerances: Readonly<Record<Weights, number>> = {
  fp32: 1e-6,
  fp16: 2e-3,
  int8: 2.2 / 255,
  int4: 2.4 / 15,
};

describe.each<Weights>(["fp32", "fp16", "int8", "int4"])("LoRAs merged into IR of %s", (weights) => {
  const plain = join(folder, `plain-${weights}`);
  const merged = join(folder, `merged-${weights}`);

  beforeAll(async () => {
    await convertModel({ source, out: plain, weights, groupSize: weights === "int4" ? 16 : undefined });
    const [report] = await mergeIntoIr({
      source: plain,
      out: merged,
      loras: [{ file: join(loras, "kohya.safetensors"), scale: 1 }],
    });
    expect(report).toEqual({ file: "kohya.safetensors", merged: fused.length, unmatched: [] });
  });

  it("have the weights that PEFT fuses, as exactly as they are stored", async () => {
    for (const { weight, file, norm } of fused) {
      const values = await valuesIn(merged, weight);
      const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
      expect(Math.abs(length / norm - 1), weight).toBeLessThan(tolerances[weights]);
      if (!file) continue;
      const whole = readStored(join(loras, file)).data;
      expect(difference(values, whole) / largest(whole), weight).toBeLessThan(tolerances[weights]);
    }
  });

  it("leave the rest alone, and share it where they change nothing", async () => {
    const untouched = "unet.down_blocks.2.attentions.0.proj_in.weight";
    expect(difference(await valuesIn(merged, untouched), await valuesIn(plain, untouched))).toBe(0);
    const shared = (model: string) => statSync(join(model, "vae_decoder", "openvino_model.bin"));
    expect(shared(merged).ino).toBe(shared(plain).ino);
    const own = (model: string) => lstatSync(join(model, "unet", "openvino_model.bin"));
    expect(own(merged).ino).not.toBe(own(plain).ino);
    expect(own(merged).size).toBe(own(plain).size);
  });
});

describe("an export of Optimum Intel", () => {
  it.each(["test/fixtures/tiny-sdxl", "models/limner-tiny"])(
    "names its weights as diffusers does: %s",
    async (model) => {
      for (const submodel of ["unet", "text_encoder", "text_encoder_2"]) {
        const names = [...irWeights(await readIr(join(model, submodel, "openvino_model.xml"))).keys()];
        expect(names.length).toBeGreaterThan(10);
        const pattern =
          submodel === "unet" ? /^(conv_|down_|mid_|up_|time_|add_)/ : /^text_(model|projection)/;
        expect(names.filter((name) => !pattern.test(name))).toEqual([]);
      }
    },
  );
});

describe("what cannot be merged", () => {
  it("is said to be a LoRA for something else, and nothing is left", async () => {
    const out = join(folder, "misfit");
    const misfit = mergeIntoIr({
      source: "test/fixtures/tiny-sdxl",
      out,
      loras: [{ file: join(loras, "kohya.safetensors"), scale: 1 }],
    });
    await expect(misfit).rejects.toThrow(/does not fit this model|changes nothing in this model/);
  });
});
