// Converts full-size checkpoints and prints time, peak resident memory and size, Limner's first and then Optimum
// Intel's (20 GiB), one after the other on the same machine:
//   node bench/run.mjs bench/convert/measure.ts FOLDER [--only PATTERN] [--optimum PYTHON]
// FOLDER holds what synthesize.ts wrote; PYTHON is that of test/reference/requirements.txt. Memory is read from /proc.
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { measureProcess } from "../measuredProcess.ts";

function folderSize(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

async function report(name: string, out: string, command: string, args: readonly string[]): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  const { seconds, peakGiB } = await measureProcess(command, args);
  const size = (folderSize(out) / 1e9).toFixed(3);
  console.log(
    `${name.padEnd(34)} ${seconds.toFixed(1).padStart(6)} s  peak ${peakGiB.toFixed(2)} GiB  ${size} GB`,
  );
  rmSync(out, { recursive: true, force: true });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, optimum: { type: "string" } },
});
const [folder] = positionals;
if (!folder) throw new Error("Usage: measure.ts FOLDER [--only PATTERN] [--optimum PYTHON]");
const out = join(folder, "converted");
const lora = ["--lora", `${join(folder, "sdxl-lora-64.safetensors")}:0.8`];
const cases: [source: string, weights: string, more: string[]][] = [
  ["sdxl-base", "fp16", []],
  ["sdxl-base", "int8", []],
  ["sdxl-base", "int4", []],
  ["sdxl-base", "int8", lora],
  ["sdxl-base-single.safetensors", "fp16", []],
  ["sdxl-base-single.safetensors", "int8", []],
  ["sdxl-refiner", "int8", []],
  ["sdxl-refiner-single.safetensors", "fp16", []],
];
for (const [name, weights, more] of cases) {
  const source = join(folder, name);
  const title = `Limner ${name.replace(".safetensors", "")} ${weights}${more.length > 0 ? " + LoRA" : ""}`;
  if (!existsSync(source) || (values.only && !new RegExp(values.only).test(title))) continue;
  const args = ["bin/limner.mjs", "convert", source, "--out", out, "--weights", weights, ...more];
  await report(title, out, process.execPath, args);
}
if (values.optimum) {
  const cli = join(dirname(values.optimum), "optimum-cli");
  for (const weights of ["fp16", "int8"]) {
    const source = join(folder, "sdxl-base");
    const args = [
      "export",
      "openvino",
      "--model",
      source,
      "--task",
      "text-to-image",
      "--library",
      "diffusers",
    ];
    await report(`Optimum sdxl-base ${weights}`, out, cli, [...args, "--weight-format", weights, out]);
  }
}
