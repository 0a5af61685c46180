import { open } from "node:fs/promises";
import { cachedFile, cachedListing } from "../../hub/cachedListing.ts";
import { HubConnection } from "../../hub/hubConnection.ts";
import { type HubSettings, hubSettings } from "../../hub/hubSettings.ts";
import { KnownBeginnings } from "../../hub/knownBeginnings.ts";
import { readRemoteBytes } from "../../hub/remoteFile.ts";
import { listRepository, type Repository } from "../../hub/repositoryListing.ts";
import { parseRepositoryName, type RepositoryName } from "../../hub/repositoryName.ts";
import { catalogue, catalogueEntryOf } from "../catalogue.ts";
import type { Recommendation } from "../configSchemas.ts";
import { fewStepRecommendation } from "../fewSteps.ts";
import type { MemoryNeed } from "../memoryNeed.ts";
import type { ReadBytes } from "../remoteHeader.ts";
import { type RepositoryKind, repositoryKind } from "../repositoryKind.ts";
import { repositoryMemory } from "../repositoryMemory.ts";
import type { GetRequest } from "./getRequest.ts";
import type { ModelWorkHooks } from "./modelWork.ts";

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
export async function findRepository(
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
