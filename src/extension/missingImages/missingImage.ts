import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { Size } from "../../protocol/size.ts";
import { type DocumentPlace, fileOf } from "./imageLocation.ts";
import type { ImageReference } from "./imageReference.ts";

/** An image that a document names and that is not there. */
export interface MissingImage extends ImageReference {
  /** Absolute path that the document names. */
  readonly file: string;
}

/** What of the references names files that do not exist. */
export async function missingOf(
  references: readonly ImageReference[],
  place: DocumentPlace,
): Promise<MissingImage[]> {
  const named = references.flatMap((reference) => {
    const file = fileOf(reference.address, place);
    return file === undefined ? [] : [{ ...reference, file }];
  });
  const files = [...new Set(named.map(({ file }) => file))];
  const there = await Promise.all(files.map(mayExist));
  const missing = new Set(files.filter((_, index) => !there[index]));
  return named.filter(({ file }) => missing.has(file));
}

/** Whether a file is there; what cannot be looked at counts as there. */
async function mayExist(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== "ENOENT" && code !== "ENOTDIR";
  }
}

/** What to draw: what the document says that the image shows, else the words of the file's name. */
export function promptOf({ alt, file }: Pick<MissingImage, "alt" | "file">): string {
  const said = alt.replaceAll(/\s+/g, " ").trim();
  if (said !== "") return said;
  const stem = basename(file, extname(file));
  return stem.replaceAll(/[-_.\s]+/g, " ").trim() || stem;
}

/** The size that the document gives an image; with one side only it is a square, as models draw by themselves. */
export function sizeOf({ width, height }: Pick<MissingImage, "width" | "height">): Size | undefined {
  const side = width ?? height;
  return side === undefined ? undefined : { width: width ?? side, height: height ?? side };
}
