import { extname } from "node:path";
import type { JobTargetRequest } from "../protocol/jobTarget.ts";

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

/**
 * An image that is made of another: beside it under its name, to which the host adds a number because it is taken.
 * @param extension of the result; of the source where it is absent, or PNG where that cannot be written
 */
export function besideTarget(source: string, extension?: ".png"): JobTargetRequest {
  const own = extname(source);
  const wanted = extension ?? (isImageName(source) ? own : ".png");
  return { kind: "file", file: `${source.slice(0, source.length - own.length)}${wanted}` };
}
