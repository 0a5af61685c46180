import { rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheOf, repositoryOf } from "../../hub/cacheFolder.ts";
import { HubConnection } from "../../hub/hubConnection.ts";
import { offlineError } from "../../hub/hubFailure.ts";
import { type HubSettings, hubSettings } from "../../hub/hubSettings.ts";
import { fetchFiles } from "../../hub/repositoryFetch.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import { fetchHooks } from "./fetchHooks.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ModelWorkHooks } from "./modelWork.ts";
import { convertStored } from "./storedConversion.ts";
import type { StoredFiles, StoredModel } from "./storedModel.ts";
import type { Verification } from "./verifyModel.ts";

/**
 * Fetches damaged and missing files of the hub's cache again, at the commit they came from, and converts again what was
 * converted.
 * @throws LimnerError where files are the user's own, their source is not kept, or the hub does not give them
 */
export async function repairModel(
  store: ModelStore,
  { name, problems }: Verification,
  hooks: ModelWorkHooks = {},
  settings: HubSettings = hubSettings(),
): Promise<void> {
  const model = store.get(name);
  // What a conversion is made of comes first.
  for (const files of [model.source, model.drawable]) {
    const bad = files?.files.filter(({ path }) =>
      problems.some(({ file }) => file === join(files.folder, path)),
    );
    if (!files || !bad || bad.length === 0) continue;
    if (files.place === "hub") await fetchAgain(store, { ...files, files: bad }, hooks, settings);
    else await convertAgain(store, model, files, hooks);
  }
}

async function convertAgain(
  store: ModelStore,
  model: StoredModel,
  { folder, place }: StoredFiles,
  hooks: ModelWorkHooks,
): Promise<void> {
  const { name, source, weights, groupSize } = model;
  if (place === "user" || weights === undefined)
    throw new LimnerError("model-damaged", `${folder} did not come from the hub. Import it again.`);
  if (!source)
    throw new LimnerError(
      "model-damaged",
      `The checkpoint that ${folder} was converted from is not kept. Remove the model and get it again: limner models remove ${name}`,
    );
  await convertStored(store, name, { weights, groupSize }, hooks, true);
}

/** @param files the damaged ones of some files */
async function fetchAgain(
  store: ModelStore,
  { folder, hub, files }: StoredFiles,
  hooks: ModelWorkHooks,
  settings: HubSettings,
): Promise<void> {
  if (!hub)
    throw new LimnerError("model-damaged", `The index does not say where ${folder} is from. Get it again.`);
  // Before anything is deleted.
  if (settings.offline) throw offlineError(`What is damaged of ${hub.repository}`);
  const cached = repositoryOf(folder, hub.repository);
  for (const { path, digest } of files) {
    await rm(cached.pointer(hub.commit, path), { force: true });
    await rm(cached.blob(digest), { force: true });
  }
  const wanted = files.map(({ path, size, digest }) => ({ path, size, etag: digest }));
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
