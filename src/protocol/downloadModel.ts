import * as z from "zod";
import { command } from "./messageType.ts";
import { conversionFields, modelNameParam, storedModelSummary, workField } from "./modelWork.ts";

/**
 * Fetches a model and converts it where it is a checkpoint. Where its license was never accepted it fails with
 * `license-not-accepted` and the license in its sentence: the client asks the user and sends it again.
 */
export const downloadModel = command(
  "models/download",
  z.strictObject({
    what: z.string().min(1).max(4096).describe("a name of the catalogue, owner/name, or a page's address"),
    name: modelNameParam.optional(),
    revision: z.string().max(200).optional(),
    convert: z.boolean().optional().describe("default: true"),
    acceptLicense: z.boolean().optional(),
    ...conversionFields,
    ...workField,
  }),
  storedModelSummary,
);
