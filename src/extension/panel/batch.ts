import type { GenerateRequest } from "../../protocol/generateRequest.ts";

/**
 * The images of a request as requests of one image each, so that each is a job that can be moved and cancelled by
 * itself. They are the images of the whole request: image k has the seed + k; of variations it has the same seed and the
 * variation's seed + k.
 * @param request with a seed
 */
export function splitBatch(
  request: GenerateRequest & { readonly seed: number },
  randomSeed: () => number,
): GenerateRequest[] {
  const { count = 1, seed, ...rest } = request;
  const { variationSeed, variationStrength } = rest;
  if (variationSeed === undefined && variationStrength === undefined) {
    return Array.from({ length: count }, (_, index) => ({ ...rest, seed: seed + index }));
  }
  const first = variationSeed ?? randomSeed();
  return Array.from({ length: count }, (_, index) => ({ ...rest, seed, variationSeed: first + index }));
}
