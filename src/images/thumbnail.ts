import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { sharp } from "./sharp.ts";

/** A small picture, as WebP. */
export interface Thumbnail extends Size {
  data: Buffer;
}

/** Pictures of more pixels are not decoded. */
const mostPixels = 16384 * 16384;

/**
 * Makes a small picture of a file, upright and with its opacity. A picture that is smaller stays as large as it is.
 * @param longerSide at most, in pixels
 * @throws LimnerError `image-unreadable`
 */
export async function makeThumbnail(file: string, longerSide: number): Promise<Thumbnail> {
  try {
    const { data, info } = await sharp(file, { limitInputPixels: mostPixels })
      .autoOrient()
      .resize(longerSide, longerSide, { fit: "inside", withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (error) {
    throw new LimnerError(
      "image-unreadable",
      `${file} cannot be shown: ${messageOf(error)}. Check the file.`,
      { cause: error },
    );
  }
}

/** A thumbnail that was made before; nothing where the bytes are none. */
export async function openThumbnail(data: Buffer): Promise<Thumbnail | undefined> {
  try {
    const { width, height, format } = await sharp(data).metadata();
    return format === "webp" ? { data, width, height } : undefined;
  } catch {
    return undefined;
  }
}
