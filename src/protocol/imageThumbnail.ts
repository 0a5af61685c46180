import * as z from "zod";
import { query } from "./messageType.ts";
import { absolutePathSchema } from "./paths.ts";

/** A small picture of an image below the client's folders. */
export const imageThumbnail = query(
  "images/thumbnail",
  z.strictObject({
    file: absolutePathSchema,
    size: z.int().min(16).max(1024).optional().describe("pixels of the longer side (default: 256)"),
  }),
  z.strictObject({
    mimeType: z.enum(["image/webp", "image/png", "image/jpeg"]),
    width: z.int(),
    height: z.int(),
    data: z.string().describe("base64"),
  }),
);
