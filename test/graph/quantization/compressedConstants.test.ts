import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openSafetensors } from "../../../src/checkpoints/safetensorsFile.ts";
import { readWhole } from "../../../src/checkpoints/tensorSource.ts";
import type { ConstantData } from "../../../src/graph/graph.ts";
import { readAllData } from "../../../src/graph/ir/readData.ts";
import { int4Constants, int8Constants } from "../../../src/graph/quantization/compressedConstants.ts";
import { type FloatRows, floatRows } from "../../../src/graph/quantization/floatRows.ts";

const fixtures = path.join(import.meta.dirname, "../../fixtures/convert");
const submodels = ["unet", "text_encoder", "text_encoder_2", "vae_decoder", "vae_encoder"] as const;

interface StoredTensor {
  readonly type: string;
  readonly shape: readonly number[];
  readonly sha256: string;
}

/** What `test/reference/make_converter_fixtures.py` says NNCF made of a layer's weight. */
interface StoredLayer {
  readonly parameter: string;
  readonly sameAs?: string;
  readonly weight?: StoredTensor;
  readonly zeroPoint?: StoredTensor;
  readonly scale?: StoredTensor;
}

type StoredMode = Record<(typeof submodels)[number], readonly StoredLayer[]>;

function storedMode(pipeline: string, mode: string): StoredMode {
  return JSON.parse(readFileSync(path.join(fixtures, pipeline, "compression", `${mode}.json`), "utf8"));
}

async function digest(data: ConstantData): Promise<string> {
  return createHash("sha256")
    .update(await readAllData(data))
    .digest("hex")
    .slice(0, 16);
}

/** The weights of a submodel in the diffusers folder that NNCF's input was exported from: float16. */
async function weights(
  pipeline: string,
  submodel: string,
): Promise<(parameter: string) => Promise<FloatRows>> {
  const folder = path.join(fixtures, pipeline, "source", submodel.startsWith("vae") ? "vae" : submodel);
  const file = readdirSync(folder).find((name) => name.endsWith(".safetensors"));
  const set = await openSafetensors(path.join(folder, file ?? "no weights"));
  onTestFinished(() => set.close());
  return async (parameter) => {
    const tensor = set.tensors.get(parameter);
    if (tensor === undefined) throw new Error(`${parameter} is not in ${folder}`);
    return floatRows("f16", tensor.shape, { kind: "held", bytes: await readWhole(tensor) });
  };
}

describe("weights in 8 bits", () => {
  const pipelines = {
    "sdxl-like": submodels,
    "conv-projection": ["unet", "text_encoder", "text_encoder_2"],
  } as const;
  for (const [pipeline, parts] of Object.entries(pipelines)) {
    for (const submodel of parts) {
      it(`are NNCF's INT8_ASYM, byte for byte: ${pipeline}, ${submodel}`, async () => {
        const read = await weights(pipeline, submodel);
        const layers = storedMode(pipeline, "int8_asym")[submodel];
        expect(layers.length).toBeGreaterThan(5);
        for (const { parameter, weight, zeroPoint, scale } of layers) {
          const made = int8Constants(await read(parameter));
          expect({
            parameter,
            weight: await digest(made.weight),
            zeroPoint: await digest(made.zeroPoint),
            scale: await digest(made.scale),
          }).toEqual({
            parameter,
            weight: weight?.sha256,
            zeroPoint: zeroPoint?.sha256,
            scale: scale?.sha256,
          });
        }
      });
    }
  }
});

describe("weights in 4 bits", () => {
  for (const groupSize of [8, 16]) {
    it(`are NNCF's INT4_SYM in groups of ${groupSize}, byte for byte`, async () => {
      const read = await weights("sdxl-like", "unet");
      const layers = storedMode("sdxl-like", `int4_sym_${groupSize}`).unet.filter(({ sameAs }) => !sameAs);
      expect(layers.length).toBeGreaterThan(50);
      for (const { parameter, weight, scale } of layers) {
        const made = int4Constants(await read(parameter), groupSize);
        expect({
          parameter,
          weight: await digest(made.weight),
          scale: await digest(made.scale),
        }).toEqual({ parameter, weight: weight?.sha256, scale: scale?.sha256 });
      }
    });
  }
});
