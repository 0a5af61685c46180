import { commentBytes, commentPlaceholder, replacePlaceholder } from "./exifComment.ts";
import type { ImageMetadata } from "./generationRecord.ts";
import type { ImageFormat } from "./imageFormat.ts";
import { insertChunks, textChunk } from "./pngChunks.ts";
import { channelsOf, type RasterImage } from "./rgbImage.ts";
import { type Sharp, sharp } from "./sharp.ts";
import { xmpPacket } from "./xmpPacket.ts";

/** A JPEG segment holds 65,533 bytes, of which the XMP signature takes 29. */
const maximumJpegXmpBytes = 65_000;

function compressor(picture: Sharp, format: ImageFormat): Sharp {
  switch (format) {
    case "png":
      return picture.png({ compressionLevel: 6 });
    case "jpeg":
      // JPEG has no opacity: what is clear becomes white, as on a page. Full color resolution keeps flat edges clean.
      return picture.flatten({ background: "#ffffff" }).jpeg({ quality: 92, chromaSubsampling: "4:4:4" });
    case "webp":
      return picture.webp({ quality: 92, smartSubsample: true });
    case "avif":
      return picture.avif({ quality: 70, effort: 4 });
  }
}

function packetFor({ creator, requestJson }: ImageMetadata, format: ImageFormat): string {
  const packet = xmpPacket({ creator, requestJson });
  // The mark matters more than the request, whose text the EXIF comment has too as far as that fits.
  return format === "jpeg" && Buffer.byteLength(packet) > maximumJpegXmpBytes
    ? xmpPacket({ creator })
    : packet;
}

/**
 * Encodes a picture. With metadata, the parameters travel in it (PNG's `parameters` text, EXIF's user comment
 * elsewhere) and so do the mark of a generated picture and the exact request (XMP). The same picture and metadata
 * give the same bytes. Parameters beyond what EXIF holds (60,000 bytes) are left out of JPEG, WebP and AVIF.
 */
export async function encodeImage(
  image: RasterImage,
  format: ImageFormat,
  metadata?: ImageMetadata,
): Promise<Buffer> {
  const { width, height, data } = image;
  const picture = compressor(sharp(data, { raw: { width, height, channels: channelsOf(image) } }), format);
  if (!metadata) return picture.toBuffer();
  const packet = packetFor(metadata, format);
  if (format === "png") {
    return insertChunks(await picture.toBuffer(), [
      textChunk({ keyword: "parameters", text: metadata.parameters }),
      textChunk({ keyword: "XML:com.adobe.xmp", text: packet }, "iTXt"),
    ]);
  }
  const comment = commentBytes(metadata.parameters);
  if (!comment) return picture.withXmp(packet).toBuffer();
  const placeholder = { IFD2: { UserComment: commentPlaceholder(comment) } };
  return replacePlaceholder(await picture.withExif(placeholder).withXmp(packet).toBuffer(), comment);
}
