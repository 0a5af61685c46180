import * as z from "zod";
import { command } from "./messageType.ts";
import { absolutePathSchema } from "./paths.ts";

/**
 * Makes the flat background of an image clear, in a new file; what the image says of how it was made goes along. Fails
 * with `background-not-flat` where the border is not of one color.
 */
export const removeBackground = command(
  "images/removeBackground",
  z.strictObject({
    file: absolutePathSchema,
    result: absolutePathSchema.describe(
      "the name wanted, .png, .webp or .avif, below a root; a taken one gets a number",
    ),
  }),
  z.strictObject({
    file: z.string().describe("absolute path of the result as written"),
    width: z.int().min(1),
    height: z.int().min(1),
  }),
);
