import { extname } from "node:path";
import type { JobTargetRequest } from "../../protocol/jobTarget.ts";

/** Where images go, below the workspace's folder. */
export const defaultPattern = "assets/generated/${slug}-${seed}.png";

/** Extensions of the files that the host writes. */
export const imageExtensions = [".png", ".jpg", ".jpeg", ".webp", ".avif"] as const;

/** Whether the host can write a file of this name. */
export function isImageName(file: string): boolean {
  const extension = extname(file).toLowerCase();
  return imageExtensions.some((known) => known === extension);
}

/** A new image of a folder of the workspace: the host fills in the pattern. */
export function patternTarget(folder: string, pattern: string): JobTargetRequest {
  return { kind: "pattern", folder, pattern };
}

/** A file's name with another extension. */
export function withExtension(file: string, extension: string): string {
  return `${file.slice(0, file.length - extname(file).length)}${extension}`;
}

/**
 * An image that is made of another: beside it under its name, to which the host adds a number because it is taken; as PNG
 * where the source's format cannot be written.
 */
export function besideTarget(source: string): JobTargetRequest {
  return { kind: "file", file: isImageName(source) ? source : withExtension(source, ".png") };
}

/** The name of an image with clear parts that is made of another: JPEG has none, so that it becomes PNG. */
export function transparentName(source: string): string {
  return /\.(png|webp|avif)$/i.test(source) ? source : withExtension(source, ".png");
}
