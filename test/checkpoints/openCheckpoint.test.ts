import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Checkpoint, Submodel } from "../../src/checkpoints/checkpoint.ts";
import { readFloats } from "../../src/checkpoints/floatValues.ts";
import { openCheckpoint } from "../../src/checkpoints/openCheckpoint.ts";
import { f32, safetensorsBytes, temporaryFolder, withHeader } from "./safetensorsWriter.ts";

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
    const [values, others] = [await readFloats(tensor), await readFloats(twin)];
    expect(Buffer.from(values.buffer).equals(Buffer.from(others.buffer)), name).toBe(true);
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

  /** The single file with marker tensors and metadata added, which take no bytes. */
  function withMarkers(names: readonly string[], metadata: Record<string, string> = {}): string {
    const bytes = readFileSync(join(fixtures, "sdxl-like", "single-file.safetensors"));
    const end = 8 + Number(bytes.readBigUInt64LE(0));
    const header: Record<string, unknown> = JSON.parse(bytes.toString("utf8", 8, end));
    const data = bytes.subarray(end);
    for (const name of names)
      header[name] = { dtype: "F32", shape: [0], data_offsets: [data.length, data.length] };
    const file = join(folder, "marked.safetensors");
    writeFileSync(file, withHeader(JSON.stringify({ ...header, __metadata__: metadata }), data));
    return file;
  }

  it.each([
    [["v_pred"], {}, { prediction_type: "v_prediction" }],
    [["v_pred", "ztsnr"], {}, { prediction_type: "v_prediction", rescale_betas_zero_snr: true }],
    [[], { "modelspec.prediction_type": "v" }, { prediction_type: "v_prediction" }],
    [[], {}, { prediction_type: "epsilon", _class_name: "EulerDiscreteScheduler" }],
    [["edm_vpred.sigma_max"], {}, { _class_name: "EDMEulerScheduler", prediction_type: "v_prediction" }],
  ])("says by %j and %j how it was trained", async (names, metadata, scheduler) => {
    const configuration = join(fixtures, "sdxl-like", "source");
    const single = await openCheckpoint(withMarkers(names, metadata), { configuration });
    expect(single.scheduler).toMatchObject(scheduler);
    await single.close();
  });

  it("may have things beside the UNet's blocks, but nothing among them that is not SDXL's", async () => {
    const configuration = join(fixtures, "sdxl-like", "source");
    const single = await openCheckpoint(withMarkers(["model.diffusion_model.note"]), { configuration });
    expect(single.unet.tensors.has("note")).toBe(false);
    await single.close();
    const odd = withMarkers(["model.diffusion_model.input_blocks.1.2.motion.weight"]);
    await expect(openCheckpoint(odd, { configuration })).rejects.toThrow(
      "the UNet's tensor \"input_blocks.1.2.motion.weight\" has no place in SDXL's networks",
    );
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
