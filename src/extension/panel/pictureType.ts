import type { PictureType } from "../../protocol/panel/picture.ts";

/** What a file is by its first bytes, whatever its name says; nothing where it is no picture that can be shown. */
export function pictureTypeOf(bytes: Uint8Array): PictureType | undefined {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") return "image/png";
  if (text(0, 3) === "\xff\xd8\xff") return "image/jpeg";
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return "image/webp";
  if (text(4, 8) === "ftyp" && /^avi[fs]$/.test(text(8, 12))) return "image/avif";
  if (/^GIF8[79]a$/.test(text(0, 6))) return "image/gif";
  return undefined;
}

/** The extension of a file of this type. */
export function extensionOf(type: PictureType): string {
  return type === "image/jpeg" ? ".jpg" : `.${type.slice("image/".length)}`;
}
