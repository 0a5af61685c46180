import * as z from "zod";
import { generatedImageSchema } from "./generateResult.ts";
import { jobIdSchema } from "./job.ts";
import { notification } from "./messageType.ts";

/** To the client whose job it is: an image is written. */
export const jobImage = notification(
  "jobs/image",
  z.strictObject({ job: jobIdSchema, image: generatedImageSchema }),
);
