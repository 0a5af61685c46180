import * as z from "zod";
import { generateRequestSchema } from "./generateRequest.ts";
import { query } from "./messageType.ts";
import { sizeSchema } from "./size.ts";

/**
 * What a drawing will take, from how long steps took on this machine before. Where nothing like it was drawn yet, nothing
 * is said.
 */
export const estimateImages = query(
  "images/estimate",
  z.strictObject({
    request: generateRequestSchema,
    longerThan: z
      .number()
      .min(0)
      .describe("seconds: memory and alternatives are told of longer drawings only"),
  }),
  z.strictObject({
    seconds: z
      .number()
      .optional()
      .describe("of all its images, without loading; absent where it is not known"),
    memoryBytes: z.number().optional(),
    smaller: sizeSchema.optional().describe("a smaller size that the model draws too"),
    fewStepModels: z.array(z.string()).describe("models that are here and take eight steps at most"),
  }),
);
