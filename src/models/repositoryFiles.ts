import type { RepositoryFile } from "../hub/repositoryListing.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** Files of a repository by path. */
export type FilesByPath = ReadonlyMap<string, RepositoryFile>;

export const irSubmodels = ["unet", "text_encoder", "text_encoder_2", "vae_encoder", "vae_decoder"] as const;

const checkpointParts = [
  ["unet", "diffusion_pytorch_model"],
  ["vae", "diffusion_pytorch_model"],
  ["text_encoder", "model"],
  ["text_encoder_2", "model"],
] as const;

const tokenizerFiles = [
  "vocab.json",
  "merges.txt",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "tokenizer.json",
];

function present(files: FilesByPath, paths: readonly string[]): RepositoryFile[] {
  return paths.flatMap((path) => files.get(path) ?? []);
}

function required(files: FilesByPath, path: string, repository: string): RepositoryFile {
  const file = files.get(path);
  if (file) return file;
  throw new LimnerError("model-unsupported", `${repository} is not complete: it has no ${path}.`);
}

/** What both layouts share: the index, the scheduler, the tokenizers. */
function commonFiles(files: FilesByPath, repository: string): RepositoryFile[] {
  const tokenizers = ["tokenizer", "tokenizer_2"].flatMap((folder) =>
    tokenizerFiles.map((name) => `${folder}/${name}`),
  );
  return [
    required(files, "model_index.json", repository),
    required(files, "scheduler/scheduler_config.json", repository),
    ...present(files, tokenizers),
  ];
}

/** Whether the files hold OpenVINO IR of a whole model. */
export function hasIr(files: FilesByPath): boolean {
  return ["unet", "vae_decoder"].every((part) => files.has(`${part}/openvino_model.xml`));
}

/**
 * The files that Limner draws from in a repository of OpenVINO IR.
 * @param components the parts that `model_index.json` says are there
 * @throws LimnerError `model-unsupported` where one is missing
 */
export function irFiles(
  files: FilesByPath,
  components: ReadonlySet<string>,
  repository: string,
): RepositoryFile[] {
  const chosen = commonFiles(files, repository);
  for (const part of irSubmodels) {
    const isOptional = part === "vae_encoder" ? !files.has(`${part}/openvino_model.xml`) : false;
    const isAbsent = part.startsWith("text_encoder") && !components.has(part);
    if (isOptional || isAbsent) continue;
    for (const name of ["config.json", "openvino_model.xml", "openvino_model.bin"])
      chosen.push(required(files, `${part}/${name}`, repository));
  }
  return [...chosen, ...present(files, ["limner.json"])];
}

/** The weights of one part: fp16 before full precision, whole before in pieces. Undefined where there are none. */
function weightsOf(
  files: FilesByPath,
  folder: string,
  stem: string,
  fullPrecision: boolean,
): RepositoryFile[] | undefined {
  for (const variant of fullPrecision ? ["", ".fp16"] : [".fp16", ""]) {
    const whole = files.get(`${folder}/${stem}${variant}.safetensors`);
    if (whole) return [whole];
    for (const name of [
      `${stem}.safetensors.index${variant}.json`,
      `${stem}${variant}.safetensors.index.json`,
    ]) {
      const index = files.get(`${folder}/${name}`);
      const pieces = new RegExp(
        `^${folder}/${stem}(${variant.replace(".", "\\.")})?-\\d+-of-\\d+(${variant.replace(".", "\\.")})?\\.safetensors$`,
      );
      const shards = [...files.values()].filter(({ path }) => pieces.test(path));
      const own = shards.filter(({ path }) => path.includes(".fp16") === (variant !== ""));
      if (index && own.length > 0) return [index, ...own];
    }
  }
  return undefined;
}

/** Whether the files hold the weights of a whole diffusers folder as safetensors. */
export function hasCheckpoint(files: FilesByPath): boolean {
  return ["unet", "vae"].every((part) => weightsOf(files, part, "diffusion_pytorch_model", false));
}

/**
 * The files that the converter reads of a repository in diffusers' layout: one variant of each weight.
 * @throws LimnerError `model-unsupported` where one is missing
 */
export function checkpointFiles(
  files: FilesByPath,
  components: ReadonlySet<string>,
  repository: string,
  fullPrecision = false,
): RepositoryFile[] {
  const chosen = commonFiles(files, repository);
  for (const [part, stem] of checkpointParts) {
    if (!components.has(part)) continue;
    const weights = weightsOf(files, part, stem, fullPrecision);
    if (!weights)
      throw new LimnerError(
        "model-unsupported",
        `${repository} has no ${part}/${stem}.safetensors. Pickles (.bin) are not read: they can run any code.`,
      );
    chosen.push(required(files, `${part}/config.json`, repository), ...weights);
  }
  return chosen;
}
