import * as z from "zod";
import { modelRoleSchema } from "../modelRole.ts";
import { sizeSchema } from "../size.ts";

/** A model of the panel's list. */
export const modelChoiceSchema = z.strictObject({
  name: z.string().min(1).max(4096),
  description: z.string().max(1000),
  role: modelRoleSchema,
});
export type ModelChoice = z.infer<typeof modelChoiceSchema>;

/** What the composer offers of a model, and what it draws with where nothing is chosen. */
export const modelFactsSchema = z.strictObject({
  model: z.string().min(1).max(4096),
  role: modelRoleSchema,
  size: sizeSchema,
  sizes: z.array(sizeSchema).max(200).describe("aspect-ratio buckets, from the tallest to the widest"),
  sizeMultiple: z.int().min(1).max(1024),
  fixedSize: z.boolean().describe("whether it draws well in its own size only"),
  samplers: z.array(z.strictObject({ name: z.string().max(64), label: z.string().max(64) })).max(100),
  sampler: z.string().max(64).optional().describe("the recommended one; absent: as the model's folder says"),
  steps: z.int().min(1).max(1000),
  guidanceScale: z.number().min(0).max(100),
});
export type ModelFacts = z.infer<typeof modelFactsSchema>;
