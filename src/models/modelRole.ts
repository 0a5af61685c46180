import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { ModelRole } from "../protocol/modelRole.ts";

/** Configurations are a few kilobytes. */
const longestFile = 1024 * 1024;

const indexSchema = z.looseObject({ text_encoder: z.array(z.unknown()).optional() });
const unetSchema = z.looseObject({ in_channels: z.int() });

function readJson<Schema extends z.ZodType>(file: string, schema: Schema): z.infer<Schema> | undefined {
  try {
    if (statSync(file).size > longestFile) return undefined;
    return schema.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

/**
 * The role of the model in a folder, from two small files, for lists of many: SDXL's refiner has the second text encoder
 * alone, and an inpainting model's UNet takes nine channels.
 * @returns nothing where the files do not tell
 */
export function modelRole(folder: string): ModelRole | undefined {
  const index = readJson(join(folder, "model_index.json"), indexSchema);
  const unet = readJson(join(folder, "unet", "config.json"), unetSchema);
  if (!index || !unet) return undefined;
  const [library] = index.text_encoder ?? [];
  if (library === undefined || library === null) return "refiner";
  return unet.in_channels === 9 ? "inpainting" : "base";
}
