import * as z from "zod";
import { query } from "./messageType.ts";

/** Submodels in memory. */
export const modelMemoryStatisticsSchema = z.strictObject({
  budgetBytes: z.number().describe("what submodels may take together"),
  promptBytes: z.int().describe("embeddings of prompts that are remembered"),
  submodels: z
    .array(
      z.strictObject({
        label: z.string().describe("model and submodel"),
        bytes: z.int().describe("by estimate, with the largest run so far"),
        inUse: z.boolean(),
      }),
    )
    .describe("last used first"),
});
export type ModelMemoryStatistics = z.infer<typeof modelMemoryStatisticsSchema>;

/** How the host is doing: for the status bar, `limner doctor` and tests. */
export const hostStatistics = query(
  "host/statistics",
  z.strictObject({}),
  z.strictObject({
    version: z.string(),
    pid: z.int(),
    node: z.string(),
    upSeconds: z.number(),
    clients: z.int(),
    residentBytes: z.int().describe("memory of the process"),
    heapBytes: z.int().describe("of it, JavaScript's heap"),
    models: modelMemoryStatisticsSchema.optional().describe("absent before the first drawing"),
    jobs: z.strictObject({
      waiting: z.int(),
      running: z.int(),
      done: z.int(),
      failed: z.int(),
      cancelled: z.int(),
    }),
    images: z.int().describe("images written since the start"),
    inferenceSeconds: z.number().describe("time that jobs had the device"),
  }),
);
