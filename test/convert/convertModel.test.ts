import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ConversionProgress, ConvertRequest } from "../../src/convert/conversion.ts";
import { convertModel } from "../../src/convert/convertModel.ts";
import { startFolder } from "../../src/convert/outputFolder.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";
import { relativeDifference } from "../support/difference.ts";
import { readFloats } from "../support/npy.ts";
import { fixtures, runSubmodel, storedOutputs } from "./convertedModel.ts";

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));

const source = join(fixtures, "one-block", "source");
let folder = "";
let count = 0;
beforeEach(() => {
  folder = join(root, `case-${count++}`);
  mkdirSync(folder);
});

const request = (more: Partial<ConvertRequest> = {}): ConvertRequest => ({
  source,
  out: join(folder, "model"),
  ...more,
});

const json = (file: string) => JSON.parse(readFileSync(join(folder, "model", file), "utf8"));

describe("converting", () => {
  it("writes the folder that Optimum Intel writes", async () => {
    const { submodels, bytes } = await convertModel(request());
    const files = readdirSync(join(folder, "model"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath ?? entry.path, entry.name).slice(join(folder, "model").length + 1),
      );
    const submodelFiles = (name: string) =>
      ["config.json", "openvino_model.bin", "openvino_model.xml"].map((file) => join(name, file));
    const tokenizerFiles = (name: string) =>
      [
        "merges.txt",
        "openvino_detokenizer.bin",
        "openvino_detokenizer.xml",
        "openvino_tokenizer.bin",
        "openvino_tokenizer.xml",
        "special_tokens_map.json",
        "tokenizer_config.json",
        "vocab.json",
      ].map((file) => join(name, file));
    expect(files.sort()).toEqual(
      [
        "model_index.json",
        join("scheduler", "scheduler_config.json"),
        ...[...submodels].flatMap(submodelFiles),
        ...["tokenizer", "tokenizer_2"].flatMap(tokenizerFiles),
      ].sort(),
    );
    expect(bytes).toBeGreaterThan(100_000);
    expect(json("model_index.json")).toMatchObject({
      _class_name: "StableDiffusionXLPipeline",
      text_encoder: ["transformers", "CLIPTextModel"],
      text_encoder_2: ["transformers", "CLIPTextModelWithProjection"],
      unet: ["diffusers", "UNet2DConditionModel"],
      vae: ["diffusers", "AutoencoderKL"],
    });
    expect(json("text_encoder/config.json")).toMatchObject({ output_hidden_states: true });
  });

  it("leaves out what a refiner does not have", async () => {
    const { submodels } = await convertModel(request({ source: join(fixtures, "refiner-like", "source") }));
    expect([...submodels].sort()).toEqual(["text_encoder_2", "unet", "vae_decoder", "vae_encoder"]);
    expect(existsSync(join(folder, "model", "tokenizer"))).toBe(false);
    expect(json("model_index.json")).toMatchObject({
      text_encoder: [null, null],
      tokenizer: [null, null],
      requires_aesthetics_score: true,
    });
  });

  it("takes the prediction type it is told", async () => {
    await convertModel(request({ predictionType: "v_prediction" }));
    expect(json("scheduler/scheduler_config.json")).toMatchObject({ prediction_type: "v_prediction" });
  });

  it("reports bytes that only grow, up to all of them", async () => {
    const reports: ConversionProgress[] = [];
    await convertModel(request({ weights: "fp16" }), { onProgress: (report) => reports.push(report) });
    const done = reports.map(({ bytesDone }) => bytesDone);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(reports[0]?.bytesTotal);
    expect(new Set(reports.map(({ bytesTotal }) => bytesTotal)).size).toBe(1);
  });
});

describe("a LoRA merged while converting", () => {
  it.each([
    ["kohya.safetensors", 1, "fused"],
    ["kohya-sgm.safetensors", 0.5, "fused-kohya-sgm-0.5"],
    ["peft-without-alpha.safetensors", 1, "fused-peft-without-alpha-1.0"],
  ])("gives what PEFT's fused pipeline gives: %s at %d", async (file, scale, stored) => {
    const loras = join(fixtures, "sdxl-like", "lora");
    await convertModel(
      request({
        source: join(fixtures, "sdxl-like", "source"),
        weights: "fp32",
        loras: [{ file: join(loras, file), scale }],
      }),
    );
    const runtime = await openRuntime();
    try {
      const { inputs } = storedOutputs("sdxl-like");
      for (const [submodel, output] of [
        ["unet", "out_sample"],
        ["text_encoder", "hidden_states.1"],
        ["text_encoder_2", "text_embeds"],
      ] as const) {
        const arrays = join(fixtures, "sdxl-like", "outputs");
        const computed = await runSubmodel(
          runtime,
          join(folder, "model", submodel),
          inputs[submodel],
          arrays,
        );
        const tensor = computed[output];
        if (!(tensor?.data instanceof Float32Array)) throw new Error(`${output} is no float32`);
        const reference = readFloats(join(loras, `${stored}-${submodel}-${output}.npy`)).data;
        expect(relativeDifference(tensor.data, reference), submodel).toBeLessThan(1e-4);
      }
    } finally {
      runtime.dispose();
    }
  });
});

describe("the folder", () => {
  it("is not written over another", async () => {
    mkdirSync(join(folder, "model"));
    writeFileSync(join(folder, "model", "mine.txt"), "");
    await expect(convertModel(request())).rejects.toThrow(
      "exists already. Give a folder that does not exist, or delete it.",
    );
    expect(readdirSync(folder)).toEqual(["model"]);
  });

  it("may be there already while it is empty", async () => {
    mkdirSync(join(folder, "model"));
    await convertModel(request());
    expect(readdirSync(folder)).toEqual(["model"]);
  });

  it("is not there when the conversion is cancelled, nor anything else", async () => {
    const controller = new AbortController();
    const cancelled = convertModel(request(), {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is not there when the conversion fails, nor anything else", async () => {
    const failed = convertModel(request({ source: join(fixtures, "lcm", "outputs") }));
    await expect(failed).rejects.toMatchObject({ code: "model-unsupported" });
    const damaged = request({ loras: [{ file: join(folder, "absent.safetensors"), scale: 1 }] });
    await expect(convertModel(damaged)).rejects.toMatchObject({ code: "model-not-found" });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("needs its space on the disk before anything is written", async () => {
    await expect(startFolder(join(folder, "model"), 1e18)).rejects.toThrow(
      /The converted model needs 1000000000\.0 GB, and .* has [\d.]+ GB free\. Free some space/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is cleared of what killed conversions left beside it, and of nothing else", async () => {
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const partial = (name: string, marker: unknown) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, ".limner-conversion.json"), JSON.stringify(marker));
    };
    partial("model.partial-dead", { pid: dead, host: hostname() });
    partial("model.partial-live", { pid: process.pid, host: hostname() });
    partial("model.partial-elsewhere", { pid: dead, host: "another machine" });
    partial("other.partial-dead", { pid: dead, host: hostname() });
    mkdirSync(join(folder, "model.partial-mine"));
    await convertModel(request());
    expect(readdirSync(folder).sort()).toEqual([
      "model",
      "model.partial-elsewhere",
      "model.partial-live",
      "model.partial-mine",
      "other.partial-dead",
    ]);
    expect(existsSync(join(folder, "model", ".limner-conversion.json"))).toBe(false);
  });
});

describe("in threads, as the command line converts", () => {
  const bundles = join("node_modules", `.limner-test-${process.pid}`);
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));
  let inThreads: typeof convertModel;

  beforeAll(async () => {
    await build({
      entryPoints: ["convertModel", "conversionWorker"].map((name) => join("src", "convert", `${name}.ts`)),
      outdir: bundles,
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
    });
    const bundle: { convertModel: typeof convertModel } = await import(
      pathToFileURL(join(bundles, "convertModel.js")).href
    );
    inThreads = bundle.convertModel;
  });

  it("the files are the same, byte for byte", async () => {
    const loras = [{ file: join(fixtures, "sdxl-like", "lora", "kohya.safetensors"), scale: 1 }];
    const base = { source: join(fixtures, "sdxl-like", "source"), weights: "fp32" as const };
    await convertModel(request(base));
    await inThreads({ ...request(base), out: join(folder, "threads") });
    for (const file of ["unet", "vae_decoder", "text_encoder"].map((name) =>
      join(name, "openvino_model.bin"),
    ))
      expect(
        readFileSync(join(folder, "threads", file)).equals(readFileSync(join(folder, "model", file))),
      ).toBe(true);
    // A LoRA's products are computed by the thread that holds the runtime.
    await inThreads({ ...request(base), loras, out: join(folder, "merged") });
    expect(readFileSync(join(folder, "merged", "unet", "openvino_model.bin")).length).toBe(
      readFileSync(join(folder, "model", "unet", "openvino_model.bin")).length,
    );
  });

  it("cancelling ends the threads and leaves nothing behind", async () => {
    const controller = new AbortController();
    const cancelled = inThreads(request(), {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("a thread's error is the conversion's error", async () => {
    const mixed = join(fixtures, "mixed", "source");
    const single = join(fixtures, "sdxl-like", "single-file.safetensors");
    const failed = inThreads(request({ source: single, configuration: mixed }));
    await expect(failed).rejects.toMatchObject({ code: "model-unsupported" });
    expect(readdirSync(folder)).toEqual([]);
  });
});
