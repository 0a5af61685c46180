import * as z from "zod";
import { absolutePathSchema } from "../paths.ts";

/** The largest file that a picture to begin with may be, in bytes. */
export const maximumPictureBytes = 64 * 1024 * 1024;

/** What browsers show and the host reads. */
export const pictureTypeSchema = z.enum(["image/png", "image/jpeg", "image/webp", "image/avif", "image/gif"]);
export type PictureType = z.infer<typeof pictureTypeSchema>;

/** The bytes of a picture. */
export const pictureBytesSchema = z
  .instanceof(Uint8Array)
  .refine(({ length }) => length > 0 && length <= maximumPictureBytes, "it has at most 64 MB");

/** A picture on this machine, as a request names it. */
export const pictureFileSchema = z.strictObject({
  file: absolutePathSchema,
  name: z.string().max(1000).describe("what the user knows it by"),
});
export type PictureFile = z.infer<typeof pictureFileSchema>;
