import * as z from "zod";
import { jobIdSchema } from "./job.ts";
import { notification } from "./messageType.ts";
import { progressSchema } from "./progress.ts";

/** A preview takes this much at most, in bytes before base64. */
export const maximumPreviewBytes = 30 * 1024;

/** Reports of one job come at most so often a second; a report that a newer one replaces is left out. */
export const maximumProgressRate = 10;

/** A small picture of what is being drawn. */
export const previewSchema = z.strictObject({
  mimeType: z.enum(["image/webp", "image/png"]),
  width: z.int(),
  height: z.int(),
  data: z.string().describe("base64, at most 30 KiB before it"),
});
export type Preview = z.infer<typeof previewSchema>;

/** To the client whose job it is: where it is, at most 10 times a second. */
export const jobProgress = notification(
  "jobs/progress",
  z.strictObject({ job: jobIdSchema, progress: progressSchema, preview: previewSchema.optional() }),
);
