import * as z from "zod";
import { absolutePathSchema } from "./paths.ts";

/** Where the images of a job go. The extension (.png, .jpg, .webp, .avif) names the format. */
export const jobTargetSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("file"),
    file: absolutePathSchema.describe("the name wanted; a taken one gets a number"),
  }),
  z.strictObject({
    kind: z.literal("pattern"),
    folder: absolutePathSchema,
    pattern: z
      .string()
      .min(1)
      .max(1000)
      .describe("path below the folder with ${slug}, ${seed}, ${date}, ${model} and ${index}"),
  }),
]);
export type JobTargetRequest = z.infer<typeof jobTargetSchema>;
