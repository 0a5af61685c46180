import * as z from "zod";

/** The name of a job. */
export const jobIdSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\w.:-]+$/, "it takes letters, digits and _ . : -");

/** How far a job is. */
export const jobStateSchema = z.enum(["waiting", "running", "done", "failed", "cancelled"]);
export type JobState = z.infer<typeof jobStateSchema>;

/** A job as the queue shows it. */
export const jobSummarySchema = z.strictObject({
  job: jobIdSchema,
  client: z.string().describe("name of the client that asked for it"),
  own: z.boolean().describe("whether that is the client this is sent to"),
  state: jobStateSchema,
  prompt: z.string().describe("its first 300 characters"),
  model: z.string().optional(),
  images: z.int().describe("images it will have"),
  finished: z.int().describe("images that are written"),
});
export type JobSummary = z.infer<typeof jobSummarySchema>;
