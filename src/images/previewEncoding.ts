import type { RgbImage } from "./rgbImage.ts";
import { sharp } from "./sharp.ts";

/** Pixels of a preview's longer side. */
const longestSide = 256;

/** Quality and size are lowered until the preview is small enough; the last always is. */
const tries = [
  { quality: 75, side: longestSide },
  { quality: 50, side: longestSide },
  { quality: 50, side: longestSide / 2 },
  { quality: 20, side: longestSide / 4 },
] as const;

/** A small picture as WebP. */
export interface EncodedPreview {
  width: number;
  height: number;
  bytes: Buffer;
}

/** Encodes what shows how far a picture is, in `maximumBytes` at most, 256 pixels wide or high at most. */
export async function encodePreview(
  { width, height, data }: RgbImage,
  maximumBytes: number,
): Promise<EncodedPreview> {
  for (const [index, { quality, side }] of tries.entries()) {
    const { data: bytes, info } = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(side, side, { fit: "inside", withoutEnlargement: true })
      .webp({ quality, effort: 2 })
      .toBuffer({ resolveWithObject: true });
    if (bytes.length <= maximumBytes || index === tries.length - 1) {
      return { width: info.width, height: info.height, bytes };
    }
  }
  throw new Error("there is always a last try");
}
