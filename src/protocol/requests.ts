import { cancelJob } from "./cancelJob.ts";
import { convertModel } from "./convertModel.ts";
import { downloadModel } from "./downloadModel.ts";
import { estimateImages } from "./estimateImages.ts";
import { generateImages } from "./generateImages.ts";
import { hostStatistics } from "./hostStatistics.ts";
import { imageThumbnail } from "./imageThumbnail.ts";
import { importModel } from "./importModel.ts";
import { inspectModel } from "./inspectModel.ts";
import { listImages } from "./listImages.ts";
import { listJobs } from "./listJobs.ts";
import { listModels } from "./listModels.ts";
import { moveJob } from "./moveJob.ts";
import { readParameters } from "./readParameters.ts";
import { removeBackground } from "./removeBackground.ts";
import { removeModel } from "./removeModel.ts";
import { runtimeSetup } from "./runtimeSetup.ts";
import { runtimeStatus } from "./runtimeStatus.ts";
import { tokenizePrompt } from "./tokenizePrompt.ts";
import { verifyModel } from "./verifyModel.ts";

/**
 * Every request that a client may send once it is initialized, beside `shutdown`. The host has a handler of the same
 * name for each.
 */
export const requests = {
  runtimeStatus,
  runtimeSetup,
  tokenizePrompt,
  generateImages,
  estimateImages,
  listImages,
  imageThumbnail,
  readParameters,
  removeBackground,
  listJobs,
  moveJob,
  cancelJob,
  hostStatistics,
  listModels,
  inspectModel,
  downloadModel,
  importModel,
  convertModel,
  verifyModel,
  removeModel,
} as const;
