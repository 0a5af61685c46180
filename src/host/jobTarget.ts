import { join } from "node:path";
import { fillPattern } from "../assets/fileName.ts";
import { type ImageFormat, requireImageFormat } from "../images/imageFormat.ts";
import { boxModel } from "../models/findModel.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import type { JobTargetRequest } from "../protocol/jobTarget.ts";
import { withoutLoraTags } from "../protocol/promptLoras.ts";

/** Where the images of a job go. */
export interface JobTarget {
  /** Path of an image, by its seed and its number in the batch (from 1). A taken name gets a number. */
  pathOf(image: { seed: number; index: number }): string;
  format: ImageFormat;
  /** Folders below which the job may write. */
  roots: readonly string[];
}

/**
 * The target that a client asked for.
 * @param roots of the client
 * @throws LimnerError `usage` for an extension that is not of an image format, or a pattern with an unknown name
 */
export function jobTarget(
  asked: JobTargetRequest,
  { prompt, model = boxModel }: GenerateRequest,
  roots: readonly string[],
): JobTarget {
  if (asked.kind === "file") {
    const { file } = asked;
    return { pathOf: () => file, format: requireImageFormat(file), roots };
  }
  const { folder, pattern } = asked;
  const date = new Date();
  const pathOf: JobTarget["pathOf"] = ({ seed, index }) =>
    join(folder, fillPattern(pattern, { prompt: withoutLoraTags(prompt), seed, index, model, date }));
  // A pattern that cannot be filled is refused now and not after the first picture.
  pathOf({ seed: 0, index: 1 });
  return { pathOf, format: requireImageFormat(pattern), roots };
}
