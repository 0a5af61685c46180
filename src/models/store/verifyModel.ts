import { rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheOf, repositoryOf } from "../../hub/cacheFolder.ts";
import { HubConnection } from "../../hub/hubConnection.ts";
import { offlineError } from "../../hub/hubFailure.ts";
import { type HubSettings, hubSettings } from "../../hub/hubSettings.ts";
import { fetchFiles } from "../../hub/repositoryFetch.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import { checkFiles, type FileProblem } from "./checksums.ts";
import { fetchHooks } from "./fetchHooks.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ModelWorkHooks } from "./modelWork.ts";
import { bytesOf, type StoredFiles, type StoredModel } from "./storedModel.ts";

/** What a check found. */
export interface Verification {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly FileProblem[];
}

function partsOf({ drawable, source }: StoredModel): StoredFiles[] {
  return [drawable, source].filter((files) => files !== undefined);
}

function found(store: ModelStore, name: string): StoredModel {
  const model = store.find(name);
  if (!model)
    throw new LimnerError("model-not-found", `There is no model "${name}". See limner models list.`);
  return model;
}

/** Reads all files of a model again and compares their checksums. @throws LimnerError `model-not-found` */
export async function verifyModel(
  store: ModelStore,
  name: string,
  { signal, onProgress }: ModelWorkHooks = {},
): Promise<Verification> {
  const model = found(store, name);
  const parts = partsOf(model);
  const bytesTotal = parts.reduce((sum, files) => sum + bytesOf(files), 0);
  const problems: FileProblem[] = [];
  let before = 0;
  for (const files of parts) {
    const report = (done: number) => onProgress?.({ phase: "check", bytesDone: before + done, bytesTotal });
    problems.push(...(await checkFiles(files, { signal, onProgress: report })));
    before += bytesOf(files);
  }
  const files = parts.reduce((sum, part) => sum + part.files.length, 0);
  return { name: model.name, files, bytes: bytesTotal, problems };
}

/**
 * Fetches damaged and missing files of the hub's cache again, at the commit they came from.
 * @throws LimnerError where a file did not come from the hub, or cannot be fetched
 */
export async function repairModel(
  store: ModelStore,
  { name, problems }: Verification,
  hooks: ModelWorkHooks = {},
  settings: HubSettings = hubSettings(),
): Promise<void> {
  const model = found(store, name);
  for (const files of partsOf(model)) {
    const bad = files.files.filter(({ path }) =>
      problems.some(({ file }) => file === join(files.folder, path)),
    );
    if (bad.length > 0) await repairFiles(store, name, { ...files, files: bad }, hooks, settings);
  }
}

/** @param bad the damaged ones of some files */
async function repairFiles(
  store: ModelStore,
  name: string,
  { folder, place, hub, files: bad }: StoredFiles,
  hooks: ModelWorkHooks,
  settings: HubSettings,
): Promise<void> {
  if (!hub)
    throw new LimnerError(
      "model-damaged",
      `${folder} did not come from the hub. ${
        place === "store" ? `Convert it again: limner models convert ${name}` : "Import it again."
      }`,
    );
  // Before anything is deleted.
  if (settings.offline) throw offlineError(`What is damaged of ${hub.repository}`);
  const cached = repositoryOf(folder, hub.repository);
  for (const { path, digest } of bad) {
    await rm(cached.pointer(hub.commit, path), { force: true });
    await rm(cached.blob(digest), { force: true });
  }
  const wanted = bad.map(({ path, size, digest }) => ({ path, size, etag: digest }));
  // Into the cache that the model lies in, which need not be the one of today's settings.
  const connection = new HubConnection({ ...settings, cache: cacheOf(folder) });
  try {
    await fetchFiles(
      connection,
      { ...hub, gated: false, files: wanted },
      wanted,
      fetchHooks(store, hub.repository, hooks),
    );
  } finally {
    await connection.close();
  }
}
