import { extname } from "node:path";
import { LimnerError } from "../protocol/limnerError.ts";

/** The formats pictures are written in. */
export type ImageFormat = "png" | "jpeg" | "webp" | "avif";

const formats: ReadonlyMap<string, ImageFormat> = new Map([
  [".png", "png"],
  [".jpg", "jpeg"],
  [".jpeg", "jpeg"],
  [".webp", "webp"],
  [".avif", "avif"],
]);

/** The format a file's name asks for; nothing when its extension is not one of a format. */
export function imageFormatOf(fileName: string): ImageFormat | undefined {
  return formats.get(extname(fileName).toLowerCase());
}

/**
 * The format a file's name asks for.
 * @throws LimnerError `usage` when the name has no such extension
 */
export function requireImageFormat(fileName: string): ImageFormat {
  const format = imageFormatOf(fileName);
  if (format) return format;
  throw new LimnerError(
    "usage",
    `${fileName} does not say in which format to write: end its name with .png, .jpg, .webp or .avif.`,
  );
}
