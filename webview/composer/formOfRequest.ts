import type { GenerateField, GenerateRequest } from "../../src/protocol/generateRequest.ts";
import { emptyForm, type Form } from "./form.ts";

/** Fields of a request that the composer has a control for; pictures come as messages of their own. */
export const shownFields = [
  ...(["prompt", "negativePrompt", "model", "loras", "device", "scheduler", "size", "outputSize"] as const),
  ...(["steps", "guidanceScale", "seed", "count", "images", "strength", "keepSize", "mask"] as const),
  ...(["refiner", "handoff", "refineStrength", "tile", "transparent"] as const),
] as const satisfies readonly GenerateField[];

function text(value: number | undefined): string {
  return value === undefined ? "" : String(value);
}

/**
 * The form that makes a request again. What the request does not name is as the model recommends; model and device stay
 * where it names none. A request with a seed has it locked.
 */
export function formOfRequest(request: Partial<GenerateRequest>, before: Form): Form {
  const { loras = [], size, outputSize, seed, tile = "" } = request;
  const more = Object.fromEntries(
    Object.entries(request).filter(
      ([field, value]) => value !== undefined && !shownFields.some((known) => known === field),
    ),
  );
  return {
    ...emptyForm,
    format: before.format,
    prompt: request.prompt ?? "",
    negativePrompt: request.negativePrompt ?? "",
    model: request.model ?? before.model,
    device: request.device ?? before.device,
    loras: loras.map(({ name, scale = 1 }) => ({ name, scale: String(scale) })),
    scheduler: request.scheduler ?? "",
    size: size ? "free" : "model",
    width: text(size?.width),
    height: text(size?.height),
    outputWidth: text(outputSize?.width),
    outputHeight: text(outputSize?.height),
    steps: text(request.steps),
    guidanceScale: text(request.guidanceScale),
    seed: text(seed),
    seedLocked: seed !== undefined,
    count: text(request.count ?? 1),
    strength: text(request.strength),
    keepSize: request.keepSize ?? true,
    refiner: request.refiner ?? "",
    refine: request.refineStrength === undefined ? "handoff" : "strength",
    handoff: text(request.handoff),
    refineStrength: text(request.refineStrength),
    tile,
    transparent: request.transparent ?? false,
    more,
  };
}
