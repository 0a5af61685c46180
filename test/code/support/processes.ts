import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const variable = "LIMNER_CODE_TESTS";

/** What every process of this run has in its environment: servers, browsers, and whatever they start. */
export const runMark: Readonly<Record<string, string>> = { [variable]: process.env[variable] ?? "" };

/** Marks this run; called once, before any of its processes is started. */
export function markRun(): void {
  process.env[variable] = `run-${process.pid}`;
}

/**
 * The processes of this run that are still there, as `pid command line`.
 * @param home only those with this home folder: of one server
 */
export function survivors(home?: string): { readonly pid: number; readonly line: string }[] {
  const marks = [`${variable}=${process.env[variable]}`, ...(home === undefined ? [] : [`HOME=${home}`])];
  return (
    readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid && pid !== process.ppid)
      .filter((pid) => {
        const variables = read(`/proc/${pid}/environ`).split("\0");
        return marks.every((mark) => variables.includes(mark));
      })
      .map((pid) => ({ pid, line: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() }))
      // A process that has ended and was not waited for yet has no command line.
      .filter(({ line }) => line !== "")
  );
}

/**
 * Waits until no process of this run is left; after `patience` milliseconds ends those that are.
 * @throws Error that names them
 */
export async function expectNoneLeft(patience: number): Promise<void> {
  const end = Date.now() + patience;
  while (survivors().length > 0 && Date.now() < end) await sleep(250);
  const left = survivors();
  for (const { pid } of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  if (left.length === 0) return;
  throw new Error(`Left behind:\n${left.map(({ pid, line }) => `${pid} ${line}`).join("\n")}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
