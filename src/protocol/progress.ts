import * as z from "zod";

/** What a job is doing. */
export const stageSchema = z.enum(["load", "encode", "denoise", "decode", "write"]);
export type Stage = z.infer<typeof stageSchema>;

/** One report of a running job. */
export const progressSchema = z.strictObject({
  image: z.int().min(0).describe("the image of the batch this is about, from 0"),
  images: z.int().min(1),
  stage: stageSchema,
  step: z.int().min(0).describe("steps done of this image, 0 before the first"),
  steps: z.int().min(0),
  secondsLeft: z
    .number()
    .min(0)
    .optional()
    .describe("seconds until the job is done, once enough steps were timed to tell"),
  detail: z
    .string()
    .optional()
    .describe('a sentence where the stage alone does not say what takes time: "Compiling unet"'),
});
export type Progress = z.infer<typeof progressSchema>;
