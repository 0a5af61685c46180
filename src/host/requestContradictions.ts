import type { GenerateField, GenerateRequest } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** A field that means nothing without one of others. */
interface Need {
  field: GenerateField;
  /** Begins the sentence. */
  name: string;
  oneOf: readonly GenerateField[];
  /** Ends it: what to do. */
  remedy: string;
}

const aPicture = "a picture: give an image to begin with";
const aMask = "a mask: give one, or a border to paint (grow)";

const needs: readonly Need[] = [
  { field: "mask", name: "A mask", oneOf: ["images"], remedy: aPicture },
  { field: "strength", name: "A strength", oneOf: ["images"], remedy: aPicture },
  { field: "grow", name: "A border to paint (grow)", oneOf: ["images"], remedy: aPicture },
  { field: "keepSize", name: "Keeping the size", oneOf: ["images"], remedy: aPicture },
  { field: "maskBlur", name: "A mask blur", oneOf: ["mask", "grow"], remedy: aMask },
  { field: "maskCrop", name: "A crop around the mask", oneOf: ["mask", "grow"], remedy: aMask },
  { field: "keepOriginal", name: "Keeping the original", oneOf: ["mask", "grow"], remedy: aMask },
  {
    field: "upscaleStrength",
    name: "An upscale strength",
    oneOf: ["upscale"],
    remedy: "a factor to enlarge by (upscale): give one",
  },
  {
    field: "fit",
    name: "A fit",
    oneOf: ["images", "outputSize"],
    remedy: "a picture to begin with or an output size: give one of them",
  },
];

/** @throws LimnerError `invalid-request` for what an enlarged picture cannot have */
function refuseUpscaling({ upscale, mask, grow, keepSize }: GenerateRequest): void {
  if (upscale === undefined) return;
  if (mask !== undefined || grow !== undefined) {
    throw new LimnerError(
      "invalid-request",
      `Upscaling by ${upscale} does not go with a mask or a border to paint: paint first, then upscale the result.`,
    );
  }
  if (keepSize) {
    throw new LimnerError(
      "invalid-request",
      `Upscaling by ${upscale} does not go with keeping the picture's size: leave one of them out.`,
    );
  }
}

/**
 * Refuses what a request asks for in vain or twice, as far as the request alone tells.
 * @throws LimnerError `invalid-request`
 */
export function refuseContradictions(request: GenerateRequest): void {
  const alone = needs.find(
    ({ field, oneOf }) =>
      request[field] !== undefined && oneOf.every((other) => request[other] === undefined),
  );
  if (alone) throw new LimnerError("invalid-request", `${alone.name} needs ${alone.remedy}.`);
  refuseUpscaling(request);
  if (request.keepSize && request.outputSize) {
    const { width, height } = request.outputSize;
    throw new LimnerError(
      "invalid-request",
      `An output size of ${width}x${height} does not go with keeping the picture's size: give one of them.`,
    );
  }
}
