import * as z from "zod";
import { workSchema } from "./workProgress.ts";

/** A model or LoRA by its name. */
export const modelNameParam = z.string().min(1).max(200);

/** How a checkpoint is converted. */
export const conversionFields = {
  weights: z.enum(["fp32", "fp16", "int8", "int4"]).optional().describe("default: int8"),
  groupSize: z
    .int()
    .min(2)
    .max(65_536)
    .optional()
    .describe("for int4: weights that share a scale (default: 64)"),
};

/** What every request that takes long carries. */
export const workField = { work: workSchema };

/** A model of the store, as a request that made or changed it answers. */
export const storedModelSummary = z.object({
  name: z.string(),
  type: z.enum(["model", "lora"]),
  ready: z.boolean().describe("whether it can be drawn with, or applied"),
  license: z.string().optional(),
  weights: z.string().optional(),
});
export type StoredModelSummary = z.infer<typeof storedModelSummary>;
