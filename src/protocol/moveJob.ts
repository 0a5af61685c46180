import * as z from "zod";
import { jobIdSchema } from "./job.ts";
import { command } from "./messageType.ts";

/** Moves a waiting job among those of its own client; another client's jobs stay where they are. */
export const moveJob = command(
  "jobs/move",
  z.strictObject({
    job: jobIdSchema,
    position: z
      .int()
      .min(0)
      .describe("place among the client's waiting jobs, 0 for the next; beyond the end is last"),
  }),
  z.strictObject({ position: z.int().describe("the place it has now") }),
);
