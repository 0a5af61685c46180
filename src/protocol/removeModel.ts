import * as z from "zod";
import { command } from "./messageType.ts";
import { modelNameParam } from "./modelWork.ts";

/** Deletes what Limner made or fetched of a model; files of the user's stay. */
export const removeModel = command(
  "models/remove",
  z.strictObject({ name: modelNameParam, part: z.enum(["all", "source"]).optional() }),
  z.object({ name: z.string(), freedBytes: z.number(), kept: z.array(z.string()) }),
);
