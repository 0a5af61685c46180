import * as z from "zod";
import { generateRequestSchema } from "./generateRequest.ts";
import { generatedImageSchema } from "./generateResult.ts";
import { jobIdSchema } from "./job.ts";
import { jobTargetSchema } from "./jobTarget.ts";
import { command } from "./messageType.ts";
import { absolutePathSchema } from "./paths.ts";

/**
 * Draws the images of a request and answers when the last is written. `jobs/progress`, `jobs/image` and `jobs/warning`
 * tell what happens meanwhile; `$/cancelRequest` and `jobs/cancel` end it. An error carries the images that were
 * finished before it.
 */
export const generateImages = command(
  "images/generate",
  z.strictObject({
    job: jobIdSchema.describe("a new name for the job, such as a UUID, chosen by the client"),
    request: generateRequestSchema,
    target: jobTargetSchema,
    latentsOut: absolutePathSchema
      .optional()
      .describe("also write the final latents there, as a NumPy .npy of float32"),
    preview: z.boolean().optional().describe("whether progress has pictures (default: true)"),
  }),
  z.strictObject({
    job: jobIdSchema,
    images: z.array(generatedImageSchema),
    latents: z.string().optional().describe("path of the latents as written"),
  }),
);
