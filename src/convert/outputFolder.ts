import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { freeBytes } from "../platform/diskSpace.ts";
import { isRunning } from "../platform/process.ts";
import { gigabytes } from "../platform/quantityText.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";

/** Marks a folder that a conversion is filling; a finished one has none. */
const markerName = ".limner-conversion.json";

/** Whether a partial folder's conversion has ended without finishing it: its process on this machine is gone. */
async function isStale(folder: string): Promise<boolean> {
  try {
    const marker: unknown = JSON.parse(await readFile(join(folder, markerName), "utf8"));
    if (typeof marker !== "object" || marker === null) return false;
    const { pid, host } = marker as Record<string, unknown>;
    return host === hostname() && typeof pid === "number" && pid > 0 && !isRunning(pid);
  } catch {
    // Not one of ours, or another conversion is creating or removing it.
    return false;
  }
}

/** Removes what killed conversions to the same folder left behind. */
async function removeStale(out: string): Promise<void> {
  const names = await readdir(dirname(out)).catch(() => []);
  const prefix = `${basename(out)}.partial-`;
  for (const name of names) {
    const folder = join(dirname(out), name);
    if (name.startsWith(prefix) && (await isStale(folder)))
      await rm(folder, { recursive: true, force: true });
  }
}

async function refuseIfTaken(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (!found) return;
  const names = found.isDirectory() ? await readdir(out) : [""];
  if (names.length > 0)
    throw new LimnerError(
      "write-failed",
      `${out} exists already. Give a folder that does not exist, or delete it.`,
    );
}

/** Refuses to start what the disk cannot hold. */
async function requireSpace(folder: string, bytes: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free < bytes)
    throw new LimnerError(
      "write-failed",
      `The converted model needs ${gigabytes(bytes)} GB, and ${folder} has ${gigabytes(free)} GB free. Free some space, or give another --out.`,
    );
}

/** A folder being filled beside the one it will become, so that an unfinished model never looks finished. */
export interface PartialFolder {
  readonly path: string;
  /** Gives the folder its final name. @throws LimnerError where that name has been taken in the meantime */
  finish(): Promise<void>;
  /** Removes the folder and all that is in it. */
  abandon(): Promise<void>;
}

/**
 * Starts a folder that will become `out`.
 * @param bytes how much will be written into it
 * @throws LimnerError when `out` exists and is not empty, cannot be written, or the disk lacks space
 */
export async function startFolder(out: string, bytes: number): Promise<PartialFolder> {
  const target = resolve(out);
  await refuseIfTaken(target);
  const path = `${target}.partial-${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await removeStale(target);
    await requireSpace(dirname(target), bytes);
    await mkdir(path);
    await writeFile(join(path, markerName), `${JSON.stringify({ pid: process.pid, host: hostname() })}\n`);
  } catch (error) {
    if (error instanceof LimnerError) throw error;
    throw new LimnerError("write-failed", `${out} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  return {
    path,
    async finish() {
      await refuseIfTaken(target);
      await rm(join(path, markerName), { force: true });
      await rmdir(target).catch(() => undefined);
      await rename(path, target);
    },
    abandon: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
