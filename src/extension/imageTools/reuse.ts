import type { GenerateRequest } from "../../protocol/generateRequest.ts";

/** How many variations are drawn of an image. */
export const variationCount = 4;

/**
 * What can be asked for again of the request that an image carries. It names no files: those of an image that was made
 * of others are not known, and what only means something with them is left out.
 */
export function reusable(request: Partial<GenerateRequest>): Partial<GenerateRequest> {
  const {
    images,
    mask,
    strength,
    grow,
    keepSize,
    maskBlur,
    maskCrop,
    keepOriginal,
    fit,
    embeddings,
    ...rest
  } = request;
  return fit !== undefined && rest.outputSize ? { ...rest, fit } : rest;
}

/**
 * A request for variations of an image: of its own noise where it was drawn from a seed alone, else of the picture.
 * @param known what the image carries, with what stands in for what it lacks
 * @param strength 0 to 1
 */
export function variationsOf(known: GenerateRequest, file: string, strength: number): GenerateRequest {
  const request = { ...reusable(known), prompt: known.prompt, count: variationCount };
  const isOfNoise = known.seed !== undefined && known.strength === undefined && known.grow === undefined;
  if (isOfNoise) return { ...request, variationStrength: strength };
  const { seed, size, outputSize, ...rest } = request;
  return { ...rest, images: [file], strength, keepSize: true };
}
