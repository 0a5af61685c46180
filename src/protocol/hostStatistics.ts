import { z } from "zod";
import { query } from "./messageType.ts";

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
