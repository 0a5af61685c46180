import * as z from "zod";
import { jobSummarySchema } from "./job.ts";
import { notification } from "./messageType.ts";

/** To every client: the queue has changed. The jobs are those of `jobs/list`, and those that just ended. */
export const jobsChanged = notification("jobs/changed", z.strictObject({ jobs: z.array(jobSummarySchema) }));
