import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { isRunning } from "../platform/process.ts";
import type { FileSystem } from "./fileSystem.ts";

/** After this long a file that was left behind is no one's, whatever machine it came from. In milliseconds. */
const abandonedAfter = 24 * 60 * 60 * 1000;

/** This machine in a few letters: process numbers mean nothing on another one that shares the folder. */
const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

const pattern = /^\.limner-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{12}\.tmp$/;

/** A new hidden name beside the file to be, which says whose it is. */
export function temporaryName(): string {
  return `.limner-${machine}-${process.pid}-${randomBytes(6).toString("hex")}.tmp`;
}

async function isAbandoned(fileSystem: FileSystem, folder: string, name: string): Promise<boolean> {
  const [, owner, pid] = pattern.exec(name) ?? [];
  if (owner === undefined || pid === undefined) return false;
  if (owner === machine && !isRunning(Number(pid))) return true;
  return Date.now() - (await fileSystem.changed(join(folder, name))) > abandonedAfter;
}

/**
 * Removes what killed processes left in a folder. Never fails: what cannot be removed now is left for the next time.
 */
export async function removeAbandoned(fileSystem: FileSystem, folder: string): Promise<void> {
  const names = await fileSystem.list(folder).catch(() => []);
  for (const name of names.filter((name) => pattern.test(name))) {
    try {
      if (await isAbandoned(fileSystem, folder, name)) await fileSystem.remove(join(folder, name));
    } catch {
      // Another process removed it first, or it may not be removed.
    }
  }
}
