import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { damaged } from "./mutations.ts";
import type { FuzzTarget } from "./targets.ts";

/** How the damaged files of one target ended. */
export interface FuzzOutcome {
  readonly refused: number;
  readonly read: number;
  /** What ended in anything but a result or a clear error, with the seed that makes the file again. */
  readonly failures: readonly string[];
  /** How far the process's memory grew above what it was before, in bytes. */
  readonly growth: number;
}

/** Reads `cases` damaged files, made from the seeds `first`, `first + 1`, … */
export async function fuzz(
  target: FuzzTarget,
  folder: string,
  first: number,
  cases: number,
): Promise<FuzzOutcome> {
  const failures: string[] = [];
  let refused = 0;
  let most = 0;
  const before = process.memoryUsage.rss();
  const path = join(folder, `damaged.${target.isSafetensors ? "safetensors" : "json"}`);
  for (let seed = first; seed < first + cases; seed++) {
    writeFileSync(path, damaged(target.sound, seed, target.isSafetensors));
    try {
      await target.read(path);
    } catch (error) {
      const clear =
        target.expected.some((kind) => error instanceof kind) && (error as Error).message.length > 20;
      if (clear) refused += 1;
      else failures.push(`${target.name}, seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    }
    most = Math.max(most, process.memoryUsage.rss() - before);
  }
  rmSync(path, { force: true });
  return { refused, read: cases - refused - failures.length, failures, growth: most };
}
