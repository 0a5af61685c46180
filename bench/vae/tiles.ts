// Decodes and encodes with a VAE of SDXL's shape (or that of a model folder), whole and in tiles, each in a process of
// its own, and prints time, peak memory and how far the tiles' result is from the whole one:
//   node bench/run.mjs bench/vae/tiles.ts [--sizes 1024x1024,…] [--part decoder|encoder] [--precision f32|auto]
//     [--split N] [--tile CELLS] [--folder MODEL]
// Linux only: memory is read from /proc.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readIr } from "../../src/graph/ir/readIr.ts";
import { writeDerivedXml } from "../../src/graph/ir/writeIr.ts";
import { splitDecoder, splitEncoder, tilePart } from "../../src/graph/tiling/split.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { CompiledModel } from "../../src/openvino/runtime.ts";
import { f32, type Tensor, type TensorOf } from "../../src/openvino/tensor.ts";
import { runTiles } from "../../src/pipelines/tiles/tileRun.ts";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { writeSyntheticVae } from "./syntheticVae.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1024x1024" },
    part: { type: "string", default: "decoder" },
    precision: { type: "string", default: "auto" },
    split: { type: "string", default: "1" },
    tile: { type: "string", default: "64" },
    folder: { type: "string" },
    here: { type: "string" },
  },
});
const isDecoder = values.part === "decoder";
const ends = isDecoder
  ? { input: "latent_sample", output: "sample" }
  : { input: "sample", output: "latent_parameters" };

const peakGiB = () =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 2 ** 20;

async function runOne(
  model: CompiledModel,
  input: TensorOf<"f32">,
  names: { input: string; output: string },
) {
  const request = model.createInferRequest();
  const outputs: Record<string, Tensor> = await request.infer({ [names.input]: input });
  request.dispose();
  const output = outputs[names.output];
  if (output?.type !== "f32") throw new Error("no floats");
  return output;
}

/** One run in this process: prints a line, and leaves the result in a file. */
async function here(folder: string, size: string, how: string, out: string): Promise<void> {
  const [width = 0, height = 0] = size.split("x").map(Number);
  const shape = isDecoder ? [1, 4, height / 8, width / 8] : [1, 3, height, width];
  const count = shape.reduce((a, b) => a * b, 1);
  const noise = new TorchGenerator(5).randn(count);
  const input = f32(shape, isDecoder ? noise : noise.map((value) => Math.max(-1, Math.min(1, value / 2))));
  const stem = join(folder, `vae_${values.part}`, "openvino_model");
  const [xml, bin] = [`${stem}.xml`, `${stem}.bin`];
  const runtime = await openRuntime();
  const properties: Record<string, string> =
    values.precision === "f32" ? { INFERENCE_PRECISION_HINT: "f32" } : {};
  const compile = (file: string) => runtime.compile({ xml: file, bin }, { properties });
  let result: TensorOf<"f32">;
  let began: number;
  if (how === "whole") {
    const model = await compile(xml);
    began = performance.now();
    result = await runOne(model, input, ends);
  } else {
    const split = (isDecoder ? splitDecoder : splitEncoder)(await readIr(xml), ends, Number(values.split));
    await writeDerivedXml(split.whole, `${out}.whole.xml`, bin);
    const part = tilePart(split.tiled, split.tiledEnds);
    await writeDerivedXml(part.graph, `${out}.tiles.xml`, bin);
    const whole = await compile(`${out}.whole.xml`);
    const tiles = { ...part, model: await compile(`${out}.tiles.xml`) };
    const tiling = { longest: Number(values.tile), wraps: { x: false, y: false } };
    const { input: into, output: from } = tiles.names;
    began = performance.now();
    if (isDecoder) {
      const features = await runOne(whole, input, { ...ends, output: into });
      console.log(
        `  whole part ${((performance.now() - began) / 1000).toFixed(1)} s, peak ${peakGiB().toFixed(2)} GiB`,
      );
      result = await runTiles(tiles, features, tiling);
    } else {
      const features = await runTiles(tiles, input, tiling);
      console.log(
        `  tiles ${((performance.now() - began) / 1000).toFixed(1)} s, peak ${peakGiB().toFixed(2)} GiB`,
      );
      result = await runOne(whole, features, { input: from, output: ends.output });
    }
  }
  console.log(
    `${values.part} ${size} ${values.precision} ${how}: ${((performance.now() - began) / 1000).toFixed(1)} s, peak ${peakGiB().toFixed(2)} GiB`,
  );
  writeFileSync(out, result.data);
}

/** In dB; of pictures, whose values go from −1 to 1, else against the reference's own range. */
function psnr(actual: Float32Array, reference: Float32Array): number {
  const bound = (value: number) => (isDecoder ? Math.max(-1, Math.min(1, value)) : value);
  let [sum, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < reference.length; i++) {
    const value = bound(reference[i] as number);
    sum += (bound(actual[i] as number) - value) ** 2;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return 10 * Math.log10((isDecoder ? 2 : high - low) ** 2 / (sum / reference.length));
}

if (values.here) {
  const [folder = "", size = "", how = "", out = ""] = values.here.split(":");
  await here(folder, size, how, out);
} else {
  const temporary = mkdtempSync(join(tmpdir(), "limner-vae-"));
  try {
    const folder = values.folder ? resolve(values.folder) : join(temporary, "vae");
    if (!existsSync(folder)) await writeSyntheticVae(folder);
    for (const size of values.sizes.split(",")) {
      const results = ["whole", "tiled"].map((how) => {
        const out = join(temporary, how);
        const args = ["bench/run.mjs", "bench/vae/tiles.ts", ...process.argv.slice(2)];
        const { status } = spawnSync(
          process.execPath,
          [...args, "--here", `${folder}:${size}:${how}:${out}`],
          {
            stdio: "inherit",
          },
        );
        if (status !== 0) throw new Error(`${how} ended with ${status}`);
        return new Float32Array(new Uint8Array(readFileSync(out)).buffer);
      });
      const [whole = new Float32Array(), tiled = new Float32Array()] = results;
      console.log(`PSNR ${psnr(tiled, whole).toFixed(1)} dB`);
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
