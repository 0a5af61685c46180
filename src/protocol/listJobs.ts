import * as z from "zod";
import { jobSummarySchema } from "./job.ts";
import { query } from "./messageType.ts";

/** The jobs of all clients that run or wait, in the order in which they will have their turn as of now. */
export const listJobs = query(
  "jobs/list",
  z.strictObject({}),
  z.strictObject({ jobs: z.array(jobSummarySchema) }),
);
