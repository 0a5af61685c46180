import * as z from "zod";
import { query } from "./messageType.ts";

/** One place where OpenVINO was looked for. */
export const runtimeAttemptSchema = z.strictObject({
  source: z.string(),
  tried: z.string(),
  outcome: z.string(),
  detail: z.string().optional(),
});

/** What OpenVINO the host works with. */
export const runtimeStateSchema = z.strictObject({
  runtime: z
    .strictObject({
      backend: z.string(),
      version: z.string(),
      library: z.string(),
      devices: z.array(z.strictObject({ name: z.string(), fullName: z.string() })),
      canCancel: z.boolean().describe("whether a running inference can be stopped in the middle"),
    })
    .optional()
    .describe("absent where none was found"),
  attempts: z.array(runtimeAttemptSchema).describe("where it was looked for, in order"),
});
export type RuntimeState = z.infer<typeof runtimeStateSchema>;

/** Looks for OpenVINO and loads it; downloads nothing. */
export const runtimeStatus = query("runtime/status", z.strictObject({}), runtimeStateSchema);
