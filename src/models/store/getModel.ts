import { open } from "node:fs/promises";
import { cachedFile, cachedListing } from "../../hub/cachedListing.ts";
import { cachedRepository } from "../../hub/cacheFolder.ts";
import { HubConnection } from "../../hub/hubConnection.ts";
import { type HubSettings, hubSettings } from "../../hub/hubSettings.ts";
import { KnownBeginnings } from "../../hub/knownBeginnings.ts";
import { readRemoteBytes } from "../../hub/remoteFile.ts";
import { fetchFiles } from "../../hub/repositoryFetch.ts";
import { listRepository, type Repository } from "../../hub/repositoryListing.ts";
import { parseRepositoryName, type RepositoryName } from "../../hub/repositoryName.ts";
import { catalogue, catalogueEntryOf } from "../catalogue.ts";
import type { Recommendation } from "../configSchemas.ts";
import { fewStepRecommendation } from "../fewSteps.ts";
import type { MemoryNeed } from "../memoryNeed.ts";
import type { ReadBytes } from "../remoteHeader.ts";
import { type RepositoryKind, repositoryKind } from "../repositoryKind.ts";
import { repositoryMemory } from "../repositoryMemory.ts";
import { fetchHooks } from "./fetchHooks.ts";
import type { InterruptedFetch } from "./interruptedFetch.ts";
import { endFetch } from "./interruptedRemoval.ts";
import { licenseOf, licenseQuestion, requireLicense } from "./licenses.ts";
import { requireFreeName, suggestedName } from "./modelNames.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ConversionWishes, ModelWorkHooks } from "./modelWork.ts";
import { removeReplaced } from "./replacedFiles.ts";
import { convertStored } from "./storedConversion.ts";
import { conversionOf, type StoredModel } from "./storedModel.ts";

/** What to get. */
export interface GetRequest extends ConversionWishes {
  /** A name of the catalogue, `owner/name`, `owner/name/file.safetensors`, or the address of a page. */
  readonly what: string;
  /** How it is to be called. */
  readonly name?: string;
  readonly revision?: string;
  /** Whether a checkpoint is converted at once; true where it is not given. */
  readonly convert?: boolean;
}

/** A repository that was looked into, before anything large is fetched. */
export interface FoundRepository {
  readonly repository: Repository;
  readonly kind: RepositoryKind;
  readonly file?: string;
  /** The name in the catalogue, where it has one. */
  readonly catalogueName?: string;
  readonly recommendation: Recommendation;
  /** What has to be fetched, in bytes, if nothing of it is there yet. */
  readonly bytes: number;
  /** What was read of the files' beginnings. */
  readonly beginnings: KnownBeginnings;
  /** Computes what drawing with it will take, with some reads of a few megabytes. */
  memoryNeed(): Promise<MemoryNeed | undefined>;
}

/** A repository with all that is to know about it. */
export interface InspectedRepository extends FoundRepository {
  readonly memory?: MemoryNeed;
}

function namedRepository(what: string, revision: string | undefined, endpoint: string): RepositoryName {
  const entry = catalogue().find(({ name }) => name === what);
  const name: RepositoryName = entry ?? parseRepositoryName(what, endpoint);
  return { repository: name.repository, file: name.file, revision: revision ?? name.revision };
}

async function readCached(path: string, first: number, count: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const bytes = new Uint8Array(count);
    const { bytesRead } = await handle.read(bytes, 0, count, first);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function recommendationOf(
  { repository }: Repository,
  kind: RepositoryKind,
  file: string | undefined,
): Recommendation {
  const known = catalogueEntryOf(repository, file)?.recommended;
  const [only] = kind.files;
  const isOneFile = kind.kind === "lora" || kind.kind === "single-file";
  const names = [...(isOneFile && only ? [only.path] : []), repository];
  return known ?? fewStepRecommendation({ names, metadata: kind.metadata, isLora: kind.kind === "lora" });
}

/**
 * Finds out what a name, an id or an address stands for, without fetching anything large. Offline, only what is in the
 * cache counts.
 * @throws LimnerError
 */
async function findRepository(
  connection: HubConnection,
  { what, revision, weights, groupSize }: GetRequest,
  hooks: ModelWorkHooks = {},
): Promise<FoundRepository> {
  const { settings } = connection;
  const name = namedRepository(what, revision, settings.endpoint);
  const options = { signal: hooks.signal, onWait: hooks.onNote };
  const repository = settings.offline
    ? await cachedListing(settings, name)
    : await listRepository(connection, name, options);
  const beginnings = new KnownBeginnings();
  const { commit } = repository;
  const read: ReadBytes = (file, first, count) =>
    settings.offline
      ? readCached(cachedFile(settings, repository, file.path), first, count)
      : beginnings.read(file, { first, count }, (from, length) =>
          readRemoteBytes(connection, name.repository, commit, file, { first: from, count: length }, options),
        );
  const kind = await repositoryKind(repository, read, { file: name.file, fullPrecision: weights === "fp32" });
  const recommendation = recommendationOf(repository, kind, name.file);
  return {
    repository,
    kind,
    file: name.file,
    catalogueName: catalogue().find((entry) => entry.name === what)?.name,
    recommendation,
    bytes: kind.files.reduce((sum, { size }) => sum + size, 0),
    beginnings,
    memoryNeed: () => repositoryMemory(kind, read, recommendation, { weights, groupSize }),
  };
}

/** As `findRepository`, with a connection of its own, and with what drawing will take. */
export async function lookUpRepository(
  request: GetRequest,
  hooks: ModelWorkHooks = {},
  settings: HubSettings = hubSettings(),
): Promise<InspectedRepository> {
  const connection = new HubConnection(settings);
  try {
    const found = await findRepository(connection, request, hooks);
    return { ...found, memory: await found.memoryNeed() };
  } finally {
    await connection.close();
  }
}

function isSameOrigin(model: StoredModel, { repository, file }: FoundRepository): boolean {
  const origin = model.source?.hub ?? model.drawable?.hub;
  if (origin?.repository !== repository.repository) return false;
  return file === undefined || model.source?.files.some(({ path }) => path === file) === true;
}

function isConverted({ kind }: RepositoryKind): boolean {
  return kind === "openvino" || kind === "lora";
}

/** What a fetch is to be gone on with by. */
function asked({ what, name, revision }: GetRequest): Pick<InterruptedFetch, "what" | "name" | "revision"> {
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
  const fetch: InterruptedFetch = { ...asked(request), type, file: found.file, files };
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
  request: GetRequest,
  hooks: ModelWorkHooks = {},
  settings: HubSettings = hubSettings(),
): Promise<StoredModel> {
  const connection = new HubConnection(settings);
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
    const model = await fetchFound(store, connection, request, found, name, hooks);
    return isConverted(found.kind) || request.convert === false
      ? model
      : await convertStored(store, model.name, request, hooks);
  } finally {
    await connection.close();
  }
}
