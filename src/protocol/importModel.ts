import * as z from "zod";
import { command } from "./messageType.ts";
import { conversionFields, modelNameParam, storedModelSummary, workField } from "./modelWork.ts";
import { absolutePathSchema } from "./paths.ts";

/** Takes a folder or file of the user's in: IR and LoRAs as they are, checkpoints by converting them. */
export const importModel = command(
  "models/import",
  z.strictObject({
    path: absolutePathSchema,
    name: modelNameParam.optional(),
    copy: z.boolean().optional(),
    ...conversionFields,
    ...workField,
  }),
  storedModelSummary,
);
