import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import type { RasterImage } from "./rgbImage.ts";
import { type Metadata, type Sharp, sharp } from "./sharp.ts";

/** What may be read: more pixels than any model takes, and few enough to fit in memory several times. */
const limits = { pixels: 128 * 1024 * 1024 };

/** Pictures made of pixels. Vector formats and documents are not taken: they can refer to other files. */
const readableFormats: ReadonlySet<string> = new Set(["png", "jpeg", "webp", "avif", "heif", "tiff", "gif"]);

function unreadable(name: string, reason: string): LimnerError {
  return new LimnerError("image-unreadable", `${name} cannot be read as a picture: ${reason}`);
}

async function metadataOf(picture: Sharp, name: string): Promise<Metadata> {
  try {
    return await picture.metadata();
  } catch (error) {
    const reason = messageOf(error);
    if (/pixel limit/i.test(reason)) throw tooLarge(name);
    if (/missing|no such file/i.test(reason)) {
      throw new LimnerError("image-unreadable", `${name} does not exist. Check the path.`);
    }
    throw unreadable(name, `${reason}. Save it as PNG or JPEG.`);
  }
}

function tooLarge(name: string): LimnerError {
  return unreadable(
    name,
    `it has more than ${limits.pixels.toLocaleString("en-US")} pixels. Make it smaller first.`,
  );
}

/**
 * Reads a picture upright (by its EXIF orientation), as 8-bit sRGB: 16 bits, gray, palettes and CMYK are converted,
 * opacity is kept, and of an animation the first frame is taken.
 * @param source a file, or the bytes of one
 * @param name what errors call it; the file's path by default
 * @throws LimnerError `image-unreadable`
 */
export async function readImage(source: string | Uint8Array, name?: string): Promise<RasterImage> {
  const label = name ?? (typeof source === "string" ? source : "The picture");
  const picture = sharp(source, { limitInputPixels: limits.pixels, failOn: "error" });
  const metadata = await metadataOf(picture, label);
  if (!readableFormats.has(metadata.format ?? "")) {
    throw unreadable(label, `its format is ${metadata.format ?? "unknown"}. Save it as PNG or JPEG.`);
  }
  try {
    const { data, info } = await picture
      .autoOrient()
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (channels === 3) return { width, height, data: pixels };
    if (channels === 4) return { width, height, alpha: true, data: pixels };
    throw unreadable(label, `it has ${channels} channels. Save it as RGB.`);
  } catch (error) {
    if (error instanceof LimnerError) throw error;
    if (/pixel limit/i.test(messageOf(error))) throw tooLarge(label);
    throw unreadable(label, `${messageOf(error)}. The file is damaged; get it again.`);
  }
}
