import { cachedRepository } from "../../hub/cacheFolder.ts";
import { HubConnection } from "../../hub/hubConnection.ts";
import { type HubSettings, hubSettings } from "../../hub/hubSettings.ts";
import { fetchFiles } from "../../hub/repositoryFetch.ts";
import type { RepositoryKind } from "../repositoryKind.ts";
import { fetchHooks } from "./fetchHooks.ts";
import { asBefore, type GetRequest } from "./getRequest.ts";
import type { InterruptedFetch } from "./interruptedFetch.ts";
import { endFetch } from "./interruptedRemoval.ts";
import { licenseOf, licenseQuestion, requireLicense } from "./licenses.ts";
import { requireFreeName, suggestedName } from "./modelNames.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ModelWorkHooks } from "./modelWork.ts";
import { removeReplaced } from "./replacedFiles.ts";
import { type FoundRepository, findRepository } from "./repositoryLookup.ts";
import { convertStored } from "./storedConversion.ts";
import { conversionOf, type StoredModel } from "./storedModel.ts";

function isSameOrigin(model: StoredModel, { repository, file }: FoundRepository): boolean {
  const origin = model.source?.hub ?? model.drawable?.hub;
  if (origin?.repository !== repository.repository) return false;
  return file === undefined || model.source?.files.some(({ path }) => path === file) === true;
}

function isConverted({ kind }: RepositoryKind): boolean {
  return kind === "openvino" || kind === "lora";
}

/** What a fetch is to be gone on with by. */
function resumeOf({
  what,
  name,
  revision,
}: GetRequest): Pick<InterruptedFetch, "what" | "name" | "revision"> {
  return { what, name, revision };
}

/** Fetches what was found and puts it into the index. */
async function fetchFound(
  store: ModelStore,
  connection: HubConnection,
  request: GetRequest,
  found: FoundRepository,
  name: string,
  hooks: ModelWorkHooks,
): Promise<StoredModel> {
  const { repository, kind } = found;
  const type = kind.kind === "lora" ? "lora" : "model";
  const files = {
    place: "hub" as const,
    folder: cachedRepository(connection.settings.cache, repository.repository).snapshot(repository.commit),
    files: kind.files.map(({ path, size, etag }) => ({ path, size, digest: etag })),
    hub: { repository: repository.repository, revision: repository.revision, commit: repository.commit },
  };
  const fetch: InterruptedFetch = { ...resumeOf(request), type, file: found.file, files };
  await fetchFiles(connection, repository, kind.files, {
    ...fetchHooks(store, repository.repository, hooks, fetch),
    beginningOf: (etag) => found.beginnings.take(etag),
  });
  const before = store.find(name);
  const model: StoredModel = {
    // Its folder is called as it was: case counts on some disks.
    name: before?.name ?? name,
    type,
    ...(kind.kind === "openvino" ? { drawable: files } : { source: files }),
    ...(isConverted(kind) ? {} : conversionOf(before)),
    license: licenseOf(repository) ?? before?.license,
    licenseLink: repository.licenseLink ?? before?.licenseLink,
    recommendation: Object.keys(found.recommendation).length > 0 ? found.recommendation : undefined,
    added: before?.added ?? new Date().toISOString().slice(0, 10),
  };
  await store.put(model);
  await removeReplaced(store, before, model, hooks);
  await endFetch(store, fetch);
  return model;
}

/**
 * Gets a model from the hub so that it can be used by its name: finds out what it is, has the license accepted, fetches
 * what is needed into the shared cache, and converts a checkpoint.
 * @throws LimnerError
 */
export async function getModel(
  store: ModelStore,
  asked: GetRequest,
  hooks: ModelWorkHooks = {},
  settings: HubSettings = hubSettings(),
): Promise<StoredModel> {
  const connection = new HubConnection(settings);
  const request = asBefore(store, asked);
  try {
    const found = await findRepository(connection, request, hooks);
    const [only] = found.kind.files;
    const name =
      request.name ??
      found.catalogueName ??
      suggestedName(
        ...(found.kind.kind === "lora" || found.file ? [only?.path ?? ""] : []),
        found.repository.repository,
      );
    requireFreeName(store, name, (model) => isSameOrigin(model, found));
    if (!settings.offline)
      await requireLicense(store, licenseQuestion(found.repository, found.bytes, settings.endpoint), {
        ...hooks,
        memoryNeed: found.memoryNeed,
      });
    const model = await fetchFound(store, connection, asked, found, name, hooks);
    return isConverted(found.kind) || request.convert === false
      ? model
      : await convertStored(store, model.name, request, hooks);
  } finally {
    await connection.close();
  }
}
