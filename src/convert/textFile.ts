import { readFile, stat } from "node:fs/promises";
import { LimnerError } from "../protocol/limnerError.ts";

const largestText = 32 * 1024 * 1024;

/**
 * Reads a text file of at most 32 MiB.
 * @returns undefined when there is no such file
 * @throws LimnerError when it is larger
 */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  if (found.size > largestText)
    throw new LimnerError(
      "conversion-failed",
      `${path} is larger than 32 MiB, which no tokenizer's file is.`,
    );
  return readFile(path, "utf8");
}
