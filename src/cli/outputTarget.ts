import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { imageFormatOf } from "../images/imageFormat.ts";
import type { JobTargetRequest } from "../protocol/jobTarget.ts";

/** Name of an image where only its folder is given. */
const namePattern = "${slug}-${seed}.png";

function isFolder(out: string): boolean {
  if (/[\\/]$/.test(out)) return true;
  if (existsSync(out)) return statSync(out).isDirectory();
  // A name with an unknown extension is more likely a mistaken file than a folder.
  return imageFormatOf(out) === undefined && !/\.[A-Za-z0-9]+$/.test(out);
}

/** Where `--out` sends the images: into a folder (it ends with a slash, exists, or has no extension), or to a file. */
export function outputTarget(out: string): JobTargetRequest {
  const path = resolve(out);
  return isFolder(out)
    ? { kind: "pattern", folder: path, pattern: namePattern }
    : { kind: "file", file: path };
}

/** The folder below which a target lies. */
export function rootOf(target: JobTargetRequest): string {
  return target.kind === "file" ? dirname(target.file) : target.folder;
}
