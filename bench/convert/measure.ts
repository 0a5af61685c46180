// Converts full-size checkpoints and prints time, peak resident memory and size, Limner's first and then Optimum
// Intel's (20 GiB), one after the other on the same machine:
//   node bench/run.mjs bench/convert/measure.ts FOLDER [--only PATTERN] [--optimum PYTHON]
// FOLDER holds what synthesize.ts wrote; PYTHON is that of test/reference/requirements.txt. Memory is read from /proc.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

interface Measured {
  readonly seconds: number;
  readonly peakGiB: number;
}

/** A process and its descendants, by id. */
function family(pid: number): number[] {
  const ids = [pid];
  for (const task of readdirIfThere(`/proc/${pid}/task`)) {
    const children = readIfThere(`/proc/${pid}/task/${task}/children`);
    for (const child of children.split(" ").filter(Boolean)) ids.push(...family(Number(child)));
  }
  return ids;
}

function readdirIfThere(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** The highest resident memory that a living process has had, in bytes. */
function highWater(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

async function measure(command: string, args: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  const peaks = new Map<number, number>();
  const poll = setInterval(() => {
    for (const pid of family(child.pid ?? 0)) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, highWater(pid)));
  }, 50);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(poll);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${errors}`);
  return {
    seconds: (performance.now() - started) / 1000,
    peakGiB: Math.max(...peaks.values()) / 2 ** 30,
  };
}

function folderSize(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

async function report(name: string, out: string, command: string, args: readonly string[]): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  const { seconds, peakGiB } = await measure(command, args);
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
