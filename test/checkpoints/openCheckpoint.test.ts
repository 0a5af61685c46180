import { cpSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Checkpoint, Submodel } from "../../src/checkpoints/checkpoint.ts";
import { readFloats } from "../../src/checkpoints/floatValues.ts";
import { openCheckpoint } from "../../src/checkpoints/openCheckpoint.ts";
import { f32, safetensorsBytes, temporaryFolder } from "./safetensorsWriter.ts";

const fixtures = "test/fixtures/convert";
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const parts = ["unet", "vae", "textEncoder", "textEncoder2"] as const;

async function expectSameWeights(one: Submodel | undefined, other: Submodel | undefined): Promise<void> {
  expect([...(one?.tensors.keys() ?? [])].sort()).toEqual([...(other?.tensors.keys() ?? [])].sort());
  for (const [name, tensor] of one?.tensors ?? []) {
    const twin = other?.tensors.get(name);
    if (!twin) throw new Error(`${name} is missing`);
    expect(tensor.shape, name).toEqual(twin.shape);
    expect(await readFloats(tensor), name).toEqual(await readFloats(twin));
  }
}

describe("a single file", () => {
  it.each(["sdxl-like", "refiner-like"])("holds the weights of its diffusers folder: %s", async (name) => {
    const configuration = join(fixtures, name, "source");
    const diffusers = await openCheckpoint(configuration);
    const single = await openCheckpoint(join(fixtures, name, "single-file.safetensors"), { configuration });
    for (const part of parts) await expectSameWeights(single[part], diffusers[part]);
    const settings = (checkpoint: Checkpoint) => checkpoint.pipeline["_class_name"];
    expect(settings(single)).toBe(settings(diffusers));
    expect(single.scheduler["prediction_type"]).toBe("epsilon");
    await single.close();
    await diffusers.close();
  });

  it("of an unusual width needs its configuration", async () => {
    await expect(openCheckpoint(join(fixtures, "sdxl-like", "single-file.safetensors"))).rejects.toThrow(
      "the number of attention heads cannot be told. Give a diffusers folder instead.",
    );
  });
});

describe("a diffusers folder", () => {
  const copy = join(folder, "copy");
  cpSync(join(fixtures, "sdxl-like", "source"), copy, { recursive: true });
  const unet = (name: string) => join(copy, "unet", name);

  it("is read from its fp16 files where it has them, unless full precision is asked for", async () => {
    writeFileSync(
      unet("diffusion_pytorch_model.fp16.safetensors"),
      safetensorsBytes({ half: f32([1], [1]) }),
    );
    const half = await openCheckpoint(copy);
    expect([...half.unet.tensors.keys()]).toEqual(["half"]);
    const full = await openCheckpoint(copy, { fullPrecision: true });
    expect(full.unet.tensors.size).toBeGreaterThan(100);
    await half.close();
    await full.close();
    rmSync(unet("diffusion_pytorch_model.fp16.safetensors"));
  });

  it("says what is missing, and why a pickle is not read instead", async () => {
    renameSync(unet("diffusion_pytorch_model.safetensors"), unet("diffusion_pytorch_model.bin"));
    await expect(openCheckpoint(copy)).rejects.toThrow("diffusion_pytorch_model.bin is a Python pickle");
    renameSync(unet("diffusion_pytorch_model.bin"), unet("openvino_model.xml"));
    await expect(openCheckpoint(copy)).rejects.toThrow("is converted already");
    renameSync(unet("openvino_model.xml"), unet("other"));
    await expect(openCheckpoint(copy)).rejects.toThrow("has no diffusion_pytorch_model.safetensors");
    renameSync(unet("other"), unet("diffusion_pytorch_model.safetensors"));
  });

  it("of another pipeline is refused by its class", async () => {
    writeFileSync(join(copy, "model_index.json"), JSON.stringify({ _class_name: "FluxPipeline" }));
    await expect(openCheckpoint(copy)).rejects.toThrow("holds a FluxPipeline. Limner converts");
  });
});
