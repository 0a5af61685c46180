import { CheckpointError } from "../checkpoints/checkpointError.ts";
import { hasPickleName, pickleRefusal } from "../checkpoints/pickle.ts";
import type { Repository, RepositoryFile } from "../hub/repositoryListing.ts";
import { printable } from "../platform/printable.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { parsePythonJson } from "./pythonJson.ts";
import { type ReadBytes, readRemoteHeader } from "./remoteHeader.ts";
import { checkpointFiles, type FilesByPath, hasCheckpoint, hasIr, irFiles } from "./repositoryFiles.ts";
import { type TensorFileKind, tensorFileKind } from "./tensorFileKind.ts";

/** What a repository is to Limner, and the files that are needed of it. */
export interface RepositoryKind {
  readonly kind: "openvino" | "diffusers" | "single-file" | "lora";
  readonly files: readonly RepositoryFile[];
  /** Of a single file or a LoRA. */
  readonly metadata?: ReadonlyMap<string, string>;
}

const largestJson = 4 * 1024 * 1024;
const mostCandidates = 40;

function unsupported(sentence: string): LimnerError {
  return new LimnerError("model-unsupported", sentence);
}

async function readJson(file: RepositoryFile, read: ReadBytes): Promise<Record<string, unknown>> {
  if (file.size > largestJson)
    throw unsupported(`${file.path} has ${file.size} bytes: no configuration has.`);
  try {
    const value: unknown = parsePythonJson(new TextDecoder().decode(await read(file, 0, file.size)));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new LimnerError("model-damaged", `${file.path} is not a JSON object.`);
}

const pipelineClass = /^(OV)?(StableDiffusionXL|LatentConsistencyModel)\w*Pipeline$/;

/** The parts that `model_index.json` says are there. @throws LimnerError where the pipeline is not SDXL's */
async function componentsOf(files: FilesByPath, repository: string, read: ReadBytes): Promise<Set<string>> {
  const indexFile = files.get("model_index.json");
  if (!indexFile) throw unsupported(`${repository} has no model_index.json.`);
  const index = await readJson(indexFile, read);
  const name = index["_class_name"];
  if (typeof name !== "string" || !pipelineClass.test(name))
    throw unsupported(
      `${repository} is a ${typeof name === "string" ? printable(name.slice(0, 80)) : "pipeline without a class"}; Limner draws with Stable Diffusion XL models.`,
    );
  const unet = files.get("unet/config.json");
  if (!unet) throw unsupported(`${repository} is not complete: it has no unet/config.json.`);
  const { addition_embed_type: embedding } = await readJson(unet, read);
  if (embedding !== "text_time")
    throw unsupported(
      `${repository} is not a Stable Diffusion XL model: its UNet takes no size conditioning.`,
    );
  return new Set(
    Object.entries(index).flatMap(([part, value]) =>
      Array.isArray(value) && value.every((one) => typeof one === "string") ? [part] : [],
    ),
  );
}

interface Candidate {
  readonly file: RepositoryFile;
  readonly found: TensorFileKind;
  readonly metadata: ReadonlyMap<string, string>;
}

async function lookInto(file: RepositoryFile, read: ReadBytes): Promise<Candidate> {
  try {
    const header = await readRemoteHeader(file, read);
    return { file, found: tensorFileKind(header, file.path), metadata: header.metadata };
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    return { file, found: { kind: "other", sentence: error.message }, metadata: new Map() };
  }
}

function kindOf({ file, found, metadata }: Candidate): RepositoryKind {
  switch (found.kind) {
    case "checkpoint":
      return { kind: "single-file", files: [file], metadata };
    case "lora":
      return { kind: "lora", files: [file], metadata };
    case "other":
      throw unsupported(found.sentence);
  }
}

/** What a repository without a pipeline is: its one checkpoint, else its one LoRA. */
async function fromTensorFiles({ repository, files }: Repository, read: ReadBytes): Promise<RepositoryKind> {
  const tensorFiles = files.filter(({ path }) => path.endsWith(".safetensors"));
  if (tensorFiles.length === 0) {
    const pickle = files.find(({ path }) => hasPickleName(path));
    if (pickle) throw unsupported(pickleRefusal(`${pickle.path} of ${repository}`).message);
    throw unsupported(
      `${repository} holds no model that Limner can use: no model_index.json and no .safetensors file.`,
    );
  }
  const candidates: Candidate[] = [];
  for (const file of tensorFiles.slice(0, mostCandidates)) candidates.push(await lookInto(file, read));
  for (const kind of ["checkpoint", "lora"] as const) {
    const usable = candidates.filter(({ found }) => found.kind === kind);
    const [first, second] = usable;
    if (first && !second) return kindOf(first);
    if (first)
      throw new LimnerError(
        "usage",
        `${repository} holds several ${kind === "lora" ? "LoRAs" : "checkpoints"}. Name one of them: ${usable
          .map(({ file }) => `${repository}/${file.path}`)
          .join(", ")}.`,
      );
  }
  const [first] = candidates;
  throw unsupported(
    first?.found.kind === "other"
      ? `${repository}: ${first.found.sentence}`
      : `${repository} holds no model.`,
  );
}

/**
 * Finds out what a repository is, from its listing, its small files and the headers of its weights: nothing large is
 * read.
 * @param wanted.file one file of it, where it holds several
 * @param wanted.fullPrecision take full-precision weights where there are halves too
 * @throws LimnerError `model-unsupported` with what it is instead; `usage` where it must be said which file is meant
 */
export async function repositoryKind(
  repository: Repository,
  read: ReadBytes,
  wanted: { readonly file?: string; readonly fullPrecision?: boolean } = {},
): Promise<RepositoryKind> {
  const files: FilesByPath = new Map(repository.files.map((file) => [file.path, file]));
  const { file: path, fullPrecision } = wanted;
  if (path !== undefined) {
    const file = files.get(path);
    if (!file) throw new LimnerError("model-not-found", `${repository.repository} has no ${path}.`);
    if (hasPickleName(path)) throw unsupported(pickleRefusal(path).message);
    return kindOf(await lookInto(file, read));
  }
  if (!files.has("model_index.json")) return fromTensorFiles(repository, read);
  const components = await componentsOf(files, repository.repository, read);
  if (hasCheckpoint(files))
    return {
      kind: "diffusers",
      files: checkpointFiles(files, components, repository.repository, fullPrecision),
    };
  if (hasIr(files)) return { kind: "openvino", files: irFiles(files, components, repository.repository) };
  return fromTensorFiles(repository, read);
}
