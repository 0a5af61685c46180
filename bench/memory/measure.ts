// Measures what each submodel of a model folder takes in memory, beside what is estimated, in a process of its own,
// cold and from the cache of compiled models:
//   node bench/run.mjs bench/memory/measure.ts FOLDER [--sizes WxH,WxH] [--submodels NAME,NAME] [--precision auto|f32]
// Linux only: memory is read from /proc.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readModelFolder } from "../../src/models/modelFolder.ts";
import { SubmodelStore } from "../../src/models/submodelStore.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { CompiledModel } from "../../src/openvino/runtime.ts";
import { elementCount, f32, i64, type Tensor } from "../../src/openvino/tensor.ts";
import { type SubmodelName, submodelNames } from "../../src/pipelines/pipelineConfig.ts";

/** Resident memory of this process: its own (anonymous) and mapped files, in MiB. */
function resident(): { own: number; mapped: number } {
  const status = readFileSync("/proc/self/status", "utf8");
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return { own: of("RssAnon"), mapped: of("RssFile") };
}

/** The highest that a task takes of its own, in MiB. */
async function peakOf<T>(task: () => Promise<T>): Promise<{ result: T; peak: number }> {
  let peak = resident().own;
  const poll = setInterval(() => {
    peak = Math.max(peak, resident().own);
  }, 10);
  try {
    const result = await task();
    return { result, peak: Math.max(peak, resident().own) };
  } finally {
    clearInterval(poll);
  }
}

/** Inputs of a submodel for a picture of a size: open dimensions are filled in, values are small. */
function inputsOf(
  model: CompiledModel,
  submodel: SubmodelName,
  width: number,
  height: number,
  factor: number,
) {
  const inputs: Record<string, Tensor> = {};
  for (const { name, type, shape = [] } of model.inputs) {
    const isPicture = shape.length === 4;
    const scale = submodel === "vae_encoder" ? 1 : factor;
    const filled = shape.map((length, axis) => {
      if (axis === 0 || length > 0) return Math.max(length, 1);
      if (isPicture) return axis === 2 ? height / scale : width / scale;
      return 77;
    });
    const count = elementCount(filled);
    inputs[name] =
      type === "i64"
        ? i64(filled, new Array(count).fill(1))
        : f32(
            filled,
            Float32Array.from({ length: count }, (_, i) => Math.sin(i)),
          );
  }
  return inputs;
}

/** One submodel in this process; prints a line for each moment. */
async function measureHere(
  folder: string,
  submodel: SubmodelName,
  sizes: string[],
  precision: "auto" | "f32",
  cache: string,
) {
  const model = readModelFolder(folder);
  const runtime = await openRuntime();
  runtime.deviceProperty("CPU", "FULL_DEVICE_NAME");
  const store = new SubmodelStore(model, runtime, { device: "CPU", precision, cacheDirectory: cache });
  await pause(200);
  const before = resident();
  const line = (moment: string, peak?: number) => {
    const { own, mapped } = resident();
    const text = (value: number) => value.toFixed(0).padStart(7);
    console.log(
      `${submodel.padEnd(15)} ${moment.padEnd(24)} own ${text(own - before.own)}  mapped ${text(mapped - before.mapped)}` +
        (peak === undefined ? "" : `  peak own ${text(peak - before.own)}`),
    );
  };
  const estimate = await store.memoryOf(submodel);
  const began = performance.now();
  const compiled = await peakOf(() => store.use(submodel, async (model) => model));
  line(`compiled in ${((performance.now() - began) / 1000).toFixed(1)} s`, compiled.peak);
  for (const size of sizes) {
    const [width = 0, height = 0] = size.split("x").map(Number);
    const request = compiled.result.createInferRequest();
    const inputs = inputsOf(compiled.result, submodel, width, height, model.config.vaeScaleFactor);
    const start = performance.now();
    const { peak } = await peakOf(() => request.infer(inputs, { outputs: [] }));
    line(`${size} in ${((performance.now() - start) / 1000).toFixed(1)} s`, peak);
    const estimated = (estimate.resident + estimate.working({ width, height })) / 2 ** 20;
    const error = (100 * (estimated / (resident().own - before.own) - 1)).toFixed(0);
    console.log(`${submodel.padEnd(15)} estimate ${estimated.toFixed(0)} (${error} %)`);
    request.dispose();
    line("request disposed");
    if (submodel.startsWith("text")) break;
  }
  await store.dispose();
  await pause(500);
  line("submodel disposed");
  runtime.dispose();
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: "string", default: "512x512,1024x1024" },
    submodels: { type: "string", default: submodelNames.join(",") },
    precision: { type: "string", default: "auto" },
    here: { type: "string" },
  },
});
const [folder] = positionals;
if (!folder)
  throw new Error("Usage: measure.ts FOLDER [--sizes WxH,…] [--submodels NAME,…] [--precision auto|f32]");
const precision = values.precision === "f32" ? "f32" : "auto";
const wanted = submodelNames.filter((name) => values.submodels.split(",").includes(name));
if (values.here) {
  for (const name of wanted)
    await measureHere(resolve(folder), name, values.sizes.split(","), precision, values.here);
} else {
  const cache = mkdtempSync(join(tmpdir(), "limner-memory-"));
  try {
    console.log(
      "MiB above a process with OpenVINO loaded; mapped pages can be taken back by the system at any time",
    );
    for (const name of wanted) {
      for (const state of ["cold", "from the cache"]) {
        console.log(`${name}, ${state}`);
        const args = [
          "bench/run.mjs",
          "bench/memory/measure.ts",
          folder,
          "--here",
          cache,
          "--submodels",
          name,
        ];
        args.push("--sizes", values.sizes, "--precision", precision);
        spawnSync(process.execPath, args, { stdio: "inherit" });
      }
    }
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
