import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fillPattern } from "../assets/fileName.ts";
import type { JobTarget } from "../host/generateJob.ts";
import { imageFormatOf, requireImageFormat } from "../images/imageFormat.ts";

/** Name of an image where only its folder is given. */
const namePattern = "${slug}-${seed}.png";

function isFolder(out: string): boolean {
  if (/[\\/]$/.test(out)) return true;
  if (existsSync(out)) return statSync(out).isDirectory();
  // A name with an unknown extension is more likely a mistaken file than a folder.
  return imageFormatOf(out) === undefined && !/\.[A-Za-z0-9]+$/.test(out);
}

/**
 * Where `--out` sends the images: into a folder (it ends with a slash, exists, or has no extension), or to a file
 * whose extension names the format.
 * @throws LimnerError `usage` for an extension that is not of an image format
 */
export function outputTarget(out: string, prompt: string, model: string): JobTarget {
  if (!isFolder(out)) {
    const file = resolve(out);
    return { pathOf: () => file, format: requireImageFormat(file), roots: [dirname(file)] };
  }
  const folder = resolve(out);
  const date = new Date();
  return {
    pathOf: ({ seed, index }) => join(folder, fillPattern(namePattern, { prompt, seed, index, model, date })),
    format: "png",
    roots: [folder],
  };
}
