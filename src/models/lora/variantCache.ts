import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { withLock } from "../../platform/lock.ts";
import { filesBelow } from "../store/checksums.ts";

const defaultLimit = 20e9;

/** How many bytes merged variants may take: `LIMNER_VARIANTS_GB`, else 20 GB. */
function limitOf(value: string | undefined): number {
  const gigabytes = Number(value);
  return value !== undefined && Number.isFinite(gigabytes) && gigabytes >= 0 ? gigabytes * 1e9 : defaultLimit;
}

/** The bytes that only this folder has: files that it shares with the model it was made from count nothing. */
async function ownBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const { path } of await filesBelow(folder)) {
    const { size, nlink } = await stat(join(folder, path));
    if (nlink === 1) bytes += size;
  }
  return bytes;
}

interface Variant {
  readonly folder: string;
  readonly used: number;
  readonly bytes: number;
}

async function variantAt(folder: string): Promise<Variant | undefined> {
  try {
    const { mtimeMs } = await stat(join(folder, "limner.json"));
    return { folder, used: mtimeMs, bytes: await ownBytes(folder) };
  } catch {
    // Being built, or being deleted by another process.
    return undefined;
  }
}

/** The lock under which a variant is built, found and deleted. */
export function variantLock(folder: string, key: string): string {
  return join(folder, "locks", `${key}.lock`);
}

const leaving = ".leaving";

/** Moved away first, so that nobody finds half of it. @returns whether it is gone */
async function remove(variants: string, folder: string): Promise<boolean> {
  const key = basename(folder);
  const away = join(variants, `${key}${leaving}`);
  try {
    await withLock(variantLock(variants, key), async () => {
      await rm(away, { recursive: true, force: true });
      await rename(folder, away);
    });
    await rm(away, { recursive: true, force: true });
    return true;
  } catch {
    // What a running model holds open cannot be moved or deleted on Windows: the next time it can.
    return false;
  }
}

/**
 * Deletes the variants that were not used for longest, until all together keep to the limit.
 * @param kept the one that is used now
 */
export async function evictVariants(
  folder: string,
  kept: string,
  limit: number = limitOf(process.env["LIMNER_VARIANTS_GB"]),
): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{24}$/.test(name));
  const variants = (await Promise.all(names.map((name) => variantAt(join(folder, name))))).filter(
    (variant) => variant !== undefined,
  );
  let total = variants.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { folder: oldest, bytes } of variants.sort((a, b) => a.used - b.used)) {
    if (total <= limit) return;
    if (oldest === join(folder, kept)) continue;
    if (await remove(folder, oldest)) total -= bytes;
  }
}
