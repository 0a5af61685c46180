import * as z from "zod";
import { jobIdSchema } from "./job.ts";
import { notification } from "./messageType.ts";

/** To the client whose job it is: a sentence the user should see, such as what of a prompt was cut off. */
export const jobWarning = notification(
  "jobs/warning",
  z.strictObject({ job: jobIdSchema, sentence: z.string() }),
);
