import * as z from "zod";
import { generatedImageSchema } from "../generateResult.ts";
import { jobSummarySchema } from "../job.ts";

/** The commands that a failure may offer: what a message of the panel may have run, and nothing else. */
export const remedyCommandSchema = z.enum([
  "limner.setUpRuntime",
  "limner.selectModel",
  "limner.getModel",
  "limner.setHubToken",
  "limner.restartHost",
  "limner.showLog",
]);
export type RemedyCommand = z.infer<typeof remedyCommandSchema>;

/** What went wrong, and what can be done about it. */
export const panelFailureSchema = z.strictObject({
  sentence: z.string().max(20_000),
  remedy: z.strictObject({ title: z.string().max(100), command: remedyCommandSchema }).optional(),
});
export type PanelFailure = z.infer<typeof panelFailureSchema>;

/** A job as the panel's queue shows it. */
export const panelJobSchema = z.strictObject({
  ...jobSummarySchema.shape,
  results: z
    .array(generatedImageSchema.pick({ file: true, seed: true, width: true, height: true }))
    .max(1000)
    .describe("images that are written, of the window's own jobs"),
  failure: panelFailureSchema.optional(),
});
export type PanelJob = z.infer<typeof panelJobSchema>;

/** Whether a job still has something to do. */
export function isOpen({ state }: Pick<PanelJob, "state">): boolean {
  return state === "waiting" || state === "running";
}
