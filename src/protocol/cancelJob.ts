import * as z from "zod";
import { jobIdSchema } from "./job.ts";
import { command } from "./messageType.ts";

/** Cancels one of the client's own jobs; its `images/generate` is answered with `cancelled`. */
export const cancelJob = command(
  "jobs/cancel",
  z.strictObject({ job: jobIdSchema }),
  z.strictObject({ cancelled: z.boolean().describe("false where it had ended already or is not known") }),
);
