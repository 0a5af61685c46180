import { open } from "node:fs/promises";
import { basename } from "node:path";
import { CheckpointError } from "./checkpointError.ts";

const largestJson = 32 * 1024 * 1024;

/** An object parsed from JSON. `__proto__` is an ordinary key in it, as JSON.parse makes it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads a JSON object of at most 32 MiB.
 * @returns undefined when there is no such file
 * @throws CheckpointError when it is larger or is not a JSON object
 */
export async function readJsonIfThere(path: string): Promise<JsonObject | undefined> {
  const handle = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw new CheckpointError("missing", `${path} cannot be opened: ${error.message}`, { cause: error });
  });
  if (!handle) return undefined;
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size > largestJson)
      throw new CheckpointError("damaged", `${path} is not a JSON file of at most 32 MiB.`);
    let value: unknown;
    try {
      value = JSON.parse(await handle.readFile("utf8"));
    } catch (error) {
      throw new CheckpointError("damaged", `${path} is not valid JSON.`, { cause: error });
    }
    if (!isJsonObject(value)) throw new CheckpointError("damaged", `${basename(path)} is not a JSON object.`);
    return value;
  } finally {
    await handle.close();
  }
}

/** As `readJsonIfThere`, for a file that must be there. */
export async function readJson(path: string): Promise<JsonObject> {
  const value = await readJsonIfThere(path);
  if (!value) throw new CheckpointError("missing", `${path} is missing.`);
  return value;
}
