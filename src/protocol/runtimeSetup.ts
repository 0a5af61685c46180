import * as z from "zod";
import { command } from "./messageType.ts";
import { runtimeStateSchema } from "./runtimeStatus.ts";
import { workSchema } from "./workProgress.ts";

/** Finds OpenVINO or downloads it: the request is the user's word that it may. */
export const runtimeSetup = command(
  "runtime/setup",
  z.strictObject({ work: workSchema }),
  runtimeStateSchema,
);
