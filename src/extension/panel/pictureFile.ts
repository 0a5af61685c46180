import { open } from "node:fs/promises";
import { basename } from "node:path";
import { LimnerError } from "../../protocol/limnerError.ts";
import { maximumPictureBytes, type PictureType } from "../../protocol/panel/picture.ts";
import { pictureTypeOf } from "./pictureType.ts";

/** A picture's bytes, and what they are. */
export interface ReadPicture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: PictureType;
}

/** Reads a picture that the panel shows. @throws LimnerError `image-unreadable` */
export async function readPicture(file: string): Promise<ReadPicture> {
  const refuse = (why: string, cause?: unknown) =>
    new LimnerError("image-unreadable", `${basename(file)} ${why}`, { cause });
  const handle = await open(file).catch((error: unknown) => {
    throw refuse("cannot be read: choose another picture.", error);
  });
  try {
    const { size } = await handle.stat();
    if (size > maximumPictureBytes) throw refuse("has more than 64 MB: make it smaller first.");
    const bytes = new Uint8Array(size);
    const { bytesRead } = await handle.read(bytes, 0, size, 0);
    const type = pictureTypeOf(bytes);
    if (bytesRead < size || type === undefined) {
      throw refuse("is not a PNG, JPEG, WebP, AVIF or GIF: choose a picture of one of these.");
    }
    return { bytes, type };
  } finally {
    await handle.close();
  }
}
