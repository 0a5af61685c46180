import * as z from "zod";
import { LimnerError } from "../protocol/limnerError.ts";
import type { HubConnection } from "./hubConnection.ts";
import { hubFailure } from "./hubFailure.ts";
import { isSafePath, type RepositoryName } from "./repositoryName.ts";
import { type RetryOptions, withRetries } from "./retries.ts";

/** A file of a repository, as its listing says. */
export interface RepositoryFile {
  readonly path: string;
  readonly size: number;
  /** The name of its contents in the cache: the SHA-256 of a large file, the id of git's blob of a small one. */
  readonly etag: string;
}

/** A repository at one commit. */
export interface Repository {
  readonly repository: string;
  /** The branch or tag that was asked for. */
  readonly revision: string;
  readonly commit: string;
  readonly gated: boolean;
  /** As the model card says it: `openrail++`, `other`, … Absent where it says none. */
  readonly license?: string;
  readonly licenseName?: string;
  readonly licenseLink?: string;
  readonly files: readonly RepositoryFile[];
}

const hash = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
const size = z.int().min(0);
/** Without control characters: a terminal would do what they say. */
const shownText = z
  .string()
  .max(2000)
  .regex(/^\P{Cc}*$/u);
const text = shownText.optional().catch(undefined);

const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  gated: z.union([z.literal(false), z.enum(["auto", "manual"])]).catch(false),
  cardData: z
    .object({
      license: z
        .union([shownText.max(200), z.array(shownText.max(200)).min(1).max(8)])
        .optional()
        .catch(undefined),
      license_name: text,
      license_link: text,
    })
    .nullish()
    .catch(undefined),
});

const entrySchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("file"),
    path: z.string(),
    size,
    oid: hash,
    lfs: z.object({ oid: hash, size }).optional(),
  }),
  z.object({ type: z.enum(["directory", "unknown"]) }),
]);

const mostEntries = 20_000;

function malformed(repository: string): LimnerError {
  return new LimnerError("download-failed", `The hub's answer about ${repository} is not what a hub says.`);
}

function fileOf(entry: unknown, repository: string): RepositoryFile | undefined {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) throw malformed(repository);
  const { data } = parsed;
  // Paths that no file system of every platform can hold are no files of a model.
  if (data.type !== "file" || !isSafePath(data.path)) return undefined;
  return { path: data.path, size: data.lfs?.size ?? data.size, etag: data.lfs?.oid ?? data.oid };
}

async function filesOf(
  connection: HubConnection,
  repository: string,
  commit: string,
  signal: AbortSignal | undefined,
): Promise<RepositoryFile[]> {
  const { listFiles } = await import("@huggingface/hub");
  const { endpoint } = connection.settings;
  const listing = listFiles({
    repo: { type: "model", name: repository },
    revision: commit,
    recursive: true,
    hubUrl: endpoint,
    fetch: connection.fetchFor(signal),
  });
  const files: RepositoryFile[] = [];
  let entries = 0;
  for await (const entry of listing) {
    const file = fileOf(entry, repository);
    if (file) files.push(file);
    // Folders count: a listing of nothing else must end too.
    entries += 1;
    if (entries > mostEntries)
      throw new LimnerError(
        "model-unsupported",
        `${repository} has more than ${mostEntries} files and folders: no model has.`,
      );
  }
  return files;
}

async function read(
  connection: HubConnection,
  { repository, revision = "main" }: RepositoryName,
  signal: AbortSignal | undefined,
): Promise<Repository> {
  const { modelInfo } = await import("@huggingface/hub");
  const info = infoSchema.safeParse(
    await modelInfo({
      name: repository,
      revision,
      hubUrl: connection.settings.endpoint,
      additionalFields: ["sha", "cardData"],
      fetch: connection.fetchFor(signal),
    }),
  );
  if (!info.success) throw malformed(repository);
  const { sha: commit, gated, cardData } = info.data;
  const license = cardData?.license;
  return {
    repository,
    revision,
    commit,
    gated: gated !== false,
    license: Array.isArray(license) ? license.join(", ") : license,
    licenseName: cardData?.license_name,
    licenseLink: cardData?.license_link,
    files: await filesOf(connection, repository, commit, signal),
  };
}

/**
 * Asks the hub what a repository holds, and fixes the commit that all later requests are about.
 * @throws LimnerError `download-failed` with what to do
 */
export async function listRepository(
  connection: HubConnection,
  name: RepositoryName,
  options: RetryOptions = {},
): Promise<Repository> {
  try {
    return await withRetries(() => read(connection, name, options.signal), options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw hubFailure(error, name.repository, name.repository, connection.settings);
  }
}
