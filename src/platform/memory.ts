import { readFileSync } from "node:fs";
import { freemem } from "node:os";
import { cgroupHeadroom, type ReadSystemFile } from "./cgroupMemory.ts";
import { type RunCommand, runCommand } from "./command.ts";

/** What tells how much memory a machine has to spare. */
export interface MemorySource {
  readonly platform: NodeJS.Platform;
  readonly readFile: ReadSystemFile;
  /** Free memory as Node says, in bytes: on Windows all that is available, elsewhere what nobody uses at all. */
  readonly free: () => number;
  readonly run: RunCommand;
}

function readSystemFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const thisMachine: MemorySource = {
  platform: process.platform,
  readFile: readSystemFile,
  free: freemem,
  run: runCommand,
};

function linuxMemory({ readFile, free }: MemorySource): number {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFile("/proc/meminfo") ?? "")?.[1];
  const machine = kilobytes === undefined ? free() : Number(kilobytes) * 1024;
  return Math.min(machine, cgroupHeadroom(readFile) ?? Number.POSITIVE_INFINITY);
}

/** `vm_stat` counts pages. What is inactive is given to whoever asks; speculative pages were only read ahead. */
async function macMemory({ run, free }: MemorySource): Promise<number> {
  const { stdout } = await run("vm_stat", [], { timeout: 5000 });
  const pageSize = Number(/page size of (\d+) bytes/.exec(stdout)?.[1]);
  const pages = ["free", "inactive", "speculative"].map((kind) =>
    Number(new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.`, "m").exec(stdout)?.[1]),
  );
  const bytes = pages.reduce((sum, count) => sum + count, 0) * pageSize;
  return Number.isFinite(bytes) ? bytes : free();
}

/**
 * The memory that this process could still take without others being slowed down or anyone being killed, in bytes.
 * On Linux the kernel's own estimate (`MemAvailable`) within the limits of control groups; on macOS free, inactive and
 * speculative pages; on Windows what the system calls available.
 */
export async function availableMemory(machine: MemorySource = thisMachine): Promise<number> {
  switch (machine.platform) {
    case "linux":
      return linuxMemory(machine);
    case "darwin":
      return macMemory(machine);
    default:
      return machine.free();
  }
}
