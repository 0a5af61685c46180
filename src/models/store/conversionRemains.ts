import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isLocked } from "../../platform/lock.ts";
import type { ModelStore } from "./modelStore.ts";

/** Folders beside a model's own, which a conversion fills and replaces. No model can be called so. */
const remains = /^(.+?)~(?:new(?:\.partial-[0-9a-f]+)?|old)$/;

/** Deletes what conversions have left that were killed: of models that no process is converting now. */
export async function removeConversionRemains(store: ModelStore): Promise<void> {
  for (const folder of await readdir(store.folder).catch(() => [])) {
    const name = remains.exec(folder)?.[1];
    if (name === undefined || (await isLocked(store.lockOf(name)))) continue;
    await rm(join(store.folder, folder), { recursive: true, force: true });
  }
}
