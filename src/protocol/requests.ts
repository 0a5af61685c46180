import { cancelJob } from "./cancelJob.ts";
import { generateImages } from "./generateImages.ts";
import { hostStatistics } from "./hostStatistics.ts";
import { imageThumbnail } from "./imageThumbnail.ts";
import { listImages } from "./listImages.ts";
import { listJobs } from "./listJobs.ts";
import { moveJob } from "./moveJob.ts";
import { readParameters } from "./readParameters.ts";
import { runtimeSetup } from "./runtimeSetup.ts";
import { runtimeStatus } from "./runtimeStatus.ts";
import { tokenizePrompt } from "./tokenizePrompt.ts";

/**
 * Every request that a client may send once it is initialized, beside `shutdown`. The host has a handler of the same
 * name for each.
 */
export const requests = {
  runtimeStatus,
  runtimeSetup,
  tokenizePrompt,
  generateImages,
  listImages,
  imageThumbnail,
  readParameters,
  listJobs,
  moveJob,
  cancelJob,
  hostStatistics,
} as const;
