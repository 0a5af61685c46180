import * as z from "zod";
import { command } from "./messageType.ts";

/**
 * Ends the host: running jobs are cancelled, native memory is released, then the process ends. Where other clients are
 * connected it goes on for them, unless it is forced.
 */
export const shutdown = command(
  "shutdown",
  z.strictObject({ force: z.boolean().optional().describe("end it for all clients (default: false)") }),
  z.strictObject({ ends: z.boolean().describe("false where it goes on for other clients") }),
);
