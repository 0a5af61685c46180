import { basename, dirname, join } from "node:path";
import type { GenerateRequest } from "../../../protocol/generateRequest.ts";
import { LimnerError } from "../../../protocol/limnerError.ts";
import type { GalleryImage } from "../../../protocol/panel/gallery.ts";
import type { ToPanel } from "../../../protocol/panel/toPanel.ts";
import { readPicture } from "../pictureFile.ts";

type Compared = Pick<GalleryImage, "file" | "path">;
type ComparisonMessage = Extract<ToPanel, { kind: "comparison" }>;

/**
 * The picture that an image was made of. What travels in an image names it without its folder; results go beside their
 * source.
 * @throws LimnerError `image-unreadable` where the image was drawn from nothing
 */
export function sourceOf(image: Compared, { images: [named] = [] }: Partial<GenerateRequest>): Compared {
  const name = named === undefined ? "" : basename(named.replaceAll("\\", "/"));
  if (name === "" || name === "." || name === "..") {
    throw new LimnerError(
      "image-unreadable",
      `${image.path} was not made of another picture: select an image to compare it with.`,
    );
  }
  const folder = image.path.slice(0, image.path.length - basename(image.path).length);
  return { file: join(dirname(image.file), name), path: `${folder}${name}` };
}

async function pictureOf({ file, path }: Compared): Promise<ComparisonMessage["left"]> {
  const { bytes, type } = await readPicture(file);
  return { path, mimeType: type, bytes };
}

/** Two images, with what the page needs to show them over each other. @throws LimnerError `image-unreadable` */
export async function comparisonOf(left: Compared, right: Compared): Promise<ComparisonMessage> {
  const [first, second] = await Promise.all([pictureOf(left), pictureOf(right)]);
  return { kind: "comparison", left: first, right: second };
}
