import { readdir, stat } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Attempt } from "../openvino/candidates.ts";
import { type Found, findRuntime, notFound } from "../openvino/find.ts";
import type { Runtime } from "../openvino/runtime.ts";
import { setupRuntime } from "../openvino/setup.ts";
import { userDirectories } from "../platform/directories.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";

const help = `Usage: limner doctor [--setup] [--json]

Shows what Limner found: Node, the processor, OpenVINO and its devices, and the folders it keeps files in.

  --setup  set OpenVINO up first, downloading it where there is none
  --json   print one JSON object
`;

interface Device {
  readonly name: string;
  /** Absent where the device cannot tell. */
  readonly fullName?: string;
  readonly capabilities?: readonly string[];
}

interface Folder {
  readonly path: string;
  readonly bytes: number;
}

/** What `limner doctor --json` prints. */
export interface Diagnosis {
  readonly node: string;
  readonly platform: string;
  readonly processor: { readonly model: string; readonly threads: number; readonly memoryBytes: number };
  readonly runtime?: {
    readonly backend: string;
    readonly version: string;
    readonly library: string;
    readonly devices: readonly Device[];
  };
  readonly attempts: readonly Attempt[];
  readonly folders: { readonly data: Folder; readonly cache: Folder };
}

/**
 * `limner doctor`.
 * @returns 0 where a runtime works, 1 where none does
 * @throws LimnerError("usage"), LimnerError("cancelled")
 */
export async function runDoctor(parameters: readonly string[]): Promise<number> {
  const options = doctorOptions(parameters);
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const found = options.setup ? await setupRuntime({ onProgress: say }) : await findRuntime();
  const diagnosis = await diagnose(found);
  process.stdout.write(options.json ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : report(diagnosis));
  if (found.runtime !== undefined) return 0;
  say(notFound(found.attempts).message);
  return 1;
}

function doctorOptions(parameters: readonly string[]): { setup: boolean; json: boolean; help: boolean } {
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({ args: [...parameters], options: { setup: flag, json: flag, help: flag } });
    return values;
  } catch (error) {
    throw new LimnerError("usage", `${messageOf(error)}. See limner doctor --help.`);
  }
}

/** Collects what there is to know. */
export async function diagnose(found: Found): Promise<Diagnosis> {
  const { data, cache } = userDirectories();
  const { runtime } = found;
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch} ${release()}`,
    processor: {
      model: cpus()[0]?.model.trim() ?? "unknown",
      threads: cpus().length,
      memoryBytes: totalmem(),
    },
    runtime: runtime && {
      backend: runtime.backend,
      version: runtime.version,
      library: runtime.libraryPath,
      devices: runtime.devices().map((name) => describeDevice(runtime, name)),
    },
    attempts: found.attempts,
    folders: {
      data: { path: data, bytes: await bytesBelow(data) },
      cache: { path: cache, bytes: await bytesBelow(cache) },
    },
  };
}

function describeDevice(runtime: Runtime, name: string): Device {
  const property = (key: string): string | undefined => {
    try {
      return runtime.deviceProperty(name, key).trim();
    } catch {
      return undefined;
    }
  };
  return {
    name,
    fullName: property("FULL_DEVICE_NAME"),
    capabilities: property("OPTIMIZATION_CAPABILITIES")?.split(/[\s,]+/),
  };
}

/** The bytes of all files below a folder; 0 where there is none. */
async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return bytesBelow(path);
    return entry.isFile()
      ? stat(path).then(
          ({ size }) => size,
          () => 0,
        )
      : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The diagnosis as lines for people. */
export function report(diagnosis: Diagnosis): string {
  const { processor, runtime, folders } = diagnosis;
  const lines = [
    `Node       ${diagnosis.node}`,
    `Platform   ${diagnosis.platform}`,
    `Processor  ${processor.model}, ${processor.threads} threads, ${gigabytes(processor.memoryBytes)} of memory`,
    runtime === undefined ? "OpenVINO   none" : `OpenVINO   ${runtime.version} (${runtime.backend})`,
  ];
  if (runtime !== undefined) lines.push(`           ${runtime.library}`);
  for (const device of runtime?.devices ?? []) {
    const name = device.fullName === undefined ? "" : ` ${device.fullName}`;
    const capabilities = device.capabilities === undefined ? "" : `: ${device.capabilities.join(" ")}`;
    lines.push(`Device     ${device.name}${name}${capabilities}`);
  }
  lines.push(`Data       ${folders.data.path} (${gigabytes(folders.data.bytes)})`);
  lines.push(`Cache      ${folders.cache.path} (${gigabytes(folders.cache.bytes)})`);
  lines.push("Looked for OpenVINO:");
  for (const attempt of diagnosis.attempts) {
    const detail = attempt.detail === undefined ? "" : `: ${attempt.detail}`;
    lines.push(`  ${attempt.source}: ${attempt.tried}: ${attempt.outcome}${detail}`);
  }
  return `${lines.join("\n")}\n`;
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
