import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { packageRoot } from "../platform/packageRoot.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { recommendationSchema } from "./configSchemas.ts";

/** A model of the catalogue: where it is and how its makers run it. What it weighs and its license, the hub says. */
const catalogueEntrySchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
  title: z.string().min(1).max(100),
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  /** One file of the repository, where it holds several models. */
  file: z
    .string()
    .regex(/^[\w./-]+\.safetensors$/)
    .optional(),
  kind: z.enum(["openvino", "checkpoint", "lora"]),
  role: z.enum(["base", "refiner", "inpainting", "few-step"]),
  /** Whether the license forbids to sell what is made with it, as far as is known without asking the hub. */
  nonCommercial: z.boolean().optional(),
  /** For a LoRA: the models of the catalogue that it was made for. */
  goesWith: z.array(z.string()).min(1).optional(),
  recommended: recommendationSchema.omit({ name: true }),
});
export type CatalogueEntry = z.infer<typeof catalogueEntrySchema>;

export const catalogueSchema = z.strictObject({
  models: z
    .array(catalogueEntrySchema)
    .min(1)
    .refine((models) => new Set(models.map(({ name }) => name)).size === models.length, "names are unique"),
});

let read: readonly CatalogueEntry[] | undefined;

/** The models that Limner knows by name, from `models/catalogue.json`. */
export function catalogue(): readonly CatalogueEntry[] {
  if (read) return read;
  const file = join(packageRoot(), "models", "catalogue.json");
  const parsed = catalogueSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!parsed.success)
    throw new LimnerError("model-damaged", `${file} is damaged. Install Limner again.`, {
      cause: parsed.error,
    });
  read = parsed.data.models;
  return read;
}

/** The catalogue's entry of a repository, or of one of its files. */
export function catalogueEntryOf(repository: string, file?: string): CatalogueEntry | undefined {
  const same = catalogue().filter((entry) => entry.repository.toLowerCase() === repository.toLowerCase());
  return same.find((entry) => entry.file === file) ?? same.find((entry) => entry.file === undefined);
}
