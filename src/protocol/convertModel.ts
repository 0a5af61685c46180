import * as z from "zod";
import { command } from "./messageType.ts";
import { conversionFields, modelNameParam, storedModelSummary, workField } from "./modelWork.ts";

/** Converts a fetched checkpoint, or converts it with other weights. */
export const convertModel = command(
  "models/convert",
  z.strictObject({ name: modelNameParam, ...conversionFields, ...workField }),
  storedModelSummary,
);
