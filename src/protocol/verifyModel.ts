import * as z from "zod";
import { command } from "./messageType.ts";
import { modelNameParam, workField } from "./modelWork.ts";

/** Reads all files of a model again and compares their checksums; with `repair` damaged ones are fetched again. */
export const verifyModel = command(
  "models/verify",
  z.strictObject({ name: modelNameParam, repair: z.boolean().optional(), ...workField }),
  z.object({
    name: z.string(),
    files: z.number(),
    bytes: z.number(),
    problems: z.array(z.object({ file: z.string(), problem: z.enum(["missing", "size", "content"]) })),
  }),
);
