import * as z from "zod";
import { query } from "./messageType.ts";
import { rootsSchema } from "./paths.ts";

/** A generated image in the client's folders. */
export const listedImageSchema = z.strictObject({
  file: z.string().describe("absolute path"),
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  modified: z.number().describe("milliseconds since 1970"),
  prompt: z.string(),
  seed: z.int().optional(),
  model: z.string().optional(),
});
export type ListedImage = z.infer<typeof listedImageSchema>;

/** The images below the client's folders that carry generation parameters, the newest first. */
export const listImages = query(
  "images/list",
  z.strictObject({
    prompt: z
      .string()
      .max(1000)
      .optional()
      .describe("words that the prompts of the images have, in any case and order (default: all images)"),
    folders: rootsSchema
      .optional()
      .describe(
        "look there only; a folder that is not below the client's is left out (default: all of these)",
      ),
    offset: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe("how many to leave out (default: 0); with it, the list goes on as it was when it began at 0"),
    limit: z.int().min(1).max(1000).optional().describe("how many to give at most (default: 200)"),
  }),
  z.strictObject({
    images: z.array(listedImageSchema),
    total: z
      .int()
      .optional()
      .describe("how many there are; absent as long as there are files that were not looked into"),
  }),
);
