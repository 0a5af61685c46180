import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** A process that has ended, and what it took. */
export interface MeasuredProcess {
  readonly seconds: number;
  /** The largest resident memory that one of its processes had, by /proc. */
  readonly peakGiB: number;
  readonly stdout: string;
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

/**
 * Runs a command to its end.
 * @throws where it fails, with the end of its standard error
 */
export async function measureProcess(command: string, args: readonly string[]): Promise<MeasuredProcess> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
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
  const seconds = (performance.now() - started) / 1000;
  return { seconds, peakGiB: Math.max(...peaks.values()) / 2 ** 30, stdout };
}
