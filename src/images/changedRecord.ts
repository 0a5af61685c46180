import type { GenerateRequest } from "../protocol/generateRequest.ts";
import type { ImageMetadata } from "./generationRecord.ts";
import { formatParameters } from "./parameters.ts";
import type { FoundParameters } from "./parametersReading.ts";

/**
 * What goes into an image that is made of another: what that one carries, whichever tool wrote it, with what was changed.
 * @param found in the image that it is made of
 * @param change what a request that draws the result at once says beside
 * @param version Limner's
 */
export function changedRecord(
  { request, parameters }: FoundParameters,
  change: Partial<GenerateRequest>,
  version: string,
): ImageMetadata {
  const { prompt = "", negativePrompt } = request;
  return {
    parameters: formatParameters(parameters ?? { prompt, negativePrompt, settings: new Map() }),
    requestJson: JSON.stringify({ ...request, ...change }),
    creator: `Limner ${version}`,
  };
}
