import * as z from "zod";
import { command } from "./messageType.ts";

/** Deletes what Limner made or fetched of a model, or what an interrupted download left; files of the user's stay. */
export const removeModel = command(
  "models/remove",
  z.strictObject({
    name: z.string().min(1).max(600).describe("a model or LoRA, or the id of an interrupted download"),
    part: z.enum(["all", "source"]).optional(),
  }),
  z.object({ name: z.string(), freedBytes: z.number(), kept: z.array(z.string()) }),
);
