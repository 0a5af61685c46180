import { createHash } from "node:crypto";
import * as z from "zod";
import { isDeviceName } from "../../platform/deviceName.ts";
import { recommendationSchema } from "../configSchemas.ts";

/** What the store's folder holds beside folders of models. */
const takenNames = /^(locks|index\.json)$/i;

/** Names of models: they go into commands, prompts and paths, and a colon begins a LoRA's scale. */
export const modelNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
  .refine((name) => !name.endsWith(".") && !name.includes(".."))
  .refine((name) => !takenNames.test(name) && !isDeviceName(name));

/** A file and the checksum it had when it came: SHA-256 (64 digits) or the id of git's blob (40). */
const storedFileSchema = z.object({
  /** Below the folder, with slashes. */
  path: z.string().min(1).max(400),
  size: z.int().min(0),
  digest: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
});
export type StoredFile = z.infer<typeof storedFileSchema>;

/** Files in one folder, and whose they are: only what is the store's or the hub cache's is ever deleted. */
export const storedFilesSchema = z.object({
  place: z.enum(["store", "hub", "user"]),
  /** Absolute path of the folder. */
  folder: z.string().min(1),
  files: z.array(storedFileSchema).min(1).max(2000),
  /** Where files of the hub's cache came from. */
  hub: z.object({ repository: z.string(), revision: z.string(), commit: z.string() }).optional(),
});
export type StoredFiles = z.infer<typeof storedFilesSchema>;

/** A model or LoRA that a user has by name. */
export const storedModelSchema = z.object({
  name: modelNameSchema,
  type: z.enum(["model", "lora"]),
  /** OpenVINO IR to draw from. Absent for LoRAs, and for checkpoints that are not converted yet. */
  drawable: storedFilesSchema.optional(),
  /** What it was converted from, or the LoRA's file. */
  source: storedFilesSchema.optional(),
  /** The contents of the source when it was converted; absent where they are those of today's source. */
  convertedFrom: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** How the weights of a conversion are stored. */
  weights: z.enum(["fp32", "fp16", "int8", "int4"]).optional(),
  /** For int4: how many of them share a scale. */
  groupSize: z.int().min(2).max(65_536).optional(),
  license: z.string().optional(),
  licenseLink: z.string().optional(),
  recommendation: recommendationSchema.optional(),
  /** Day it was added, as ISO 8601. */
  added: z.string(),
});
export type StoredModel = z.infer<typeof storedModelSchema>;

/** The bytes of some files. */
export function bytesOf(files: StoredFiles | undefined): number {
  return files?.files.reduce((sum, { size }) => sum + size, 0) ?? 0;
}

/** The files of a model: what it is drawn from, and what that was converted from. */
export function partsOf({ drawable, source }: StoredModel): StoredFiles[] {
  return [drawable, source].filter((files) => files !== undefined);
}

/** A checksum of what some files hold, wherever they are. */
export function contentsOf({ files }: StoredFiles): string {
  const lines = files.map(({ path, digest }) => `${digest} ${path}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** Whether a model is drawn from what its source holds today. */
export function isUpToDate({ source, convertedFrom }: StoredModel): boolean {
  return convertedFrom === undefined || source === undefined || convertedFrom === contentsOf(source);
}

/** The conversion of a model that is got again: it stays until another one is whole. */
export function conversionOf(model: StoredModel | undefined): Partial<StoredModel> {
  if (!model?.drawable) return {};
  const { drawable, weights, groupSize, source, convertedFrom = source && contentsOf(source) } = model;
  return { drawable, weights, groupSize, convertedFrom };
}

/** What a converter or a LoRA reader is given: the one file, or the folder. */
export function sourcePath({ folder, files }: StoredFiles, join: (...parts: string[]) => string): string {
  const [only] = files;
  return files.length === 1 && only?.path.endsWith(".safetensors") ? join(folder, only.path) : folder;
}
