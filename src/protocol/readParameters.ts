import * as z from "zod";
import { generateRequestSchema } from "./generateRequest.ts";
import { query } from "./messageType.ts";
import { absolutePathSchema } from "./paths.ts";

/** What an image says about how it was made, whichever tool made it. */
export const readParameters = query(
  "images/readParameters",
  z.strictObject({ file: absolutePathSchema }),
  z.strictObject({
    found: z
      .strictObject({
        source: z
          .enum(["limner", "parameters", "invokeai"])
          .describe("who wrote it: Limner, an AUTOMATIC1111-style tool, or InvokeAI"),
        request: generateRequestSchema
          .partial()
          .describe("what of it can be asked for again; exact where the source is limner"),
        settings: z
          .record(z.string(), z.string())
          .optional()
          .describe("the tool's own settings, also those that a request has no field for"),
      })
      .optional()
      .describe("absent where the image carries none"),
  }),
);
