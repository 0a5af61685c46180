import { posix, win32 } from "node:path";
import {
  type GenerateField,
  type GenerateRequest,
  generateRequestSchema,
} from "../protocol/generateRequest.ts";
import { formatParameters, type GenerationParameters } from "./parameters.ts";
import { samplerLabel, samplerName } from "./samplerLabels.ts";

/** How one picture came about: the request with what its defaults turned out to be. */
export interface GenerationRecord {
  /** For this picture alone. */
  request: GenerateRequest;
  /** Name of the model, without its folder. */
  model: string;
  /** Seed of this picture. */
  seed: number;
  steps: number;
  guidanceScale: number;
  /** Sampler by Limner's name, such as `euler`. */
  scheduler: string;
  width: number;
  height: number;
  /** Limner's version. */
  version: string;
}

/** What travels in a picture. */
export interface ImageMetadata {
  /** The text of AUTOMATIC1111-style tools. */
  parameters: string;
  /** The request that draws this one picture again, as JSON. */
  requestJson: string;
  creator: string;
}

/** What was found in a picture: the fields of a request that it gives, each within its range. */
export type FoundRequest = Partial<GenerateRequest>;

/** The last part of an absolute path, so that no folder of this machine travels in a picture. */
function withoutFolders(value: unknown): unknown {
  if (typeof value === "string") {
    if (posix.isAbsolute(value)) return posix.basename(value);
    return win32.isAbsolute(value) ? win32.basename(value) : value;
  }
  return Array.isArray(value) ? value.map(withoutFolders) : value;
}

const promptFields: ReadonlySet<string> = new Set(["prompt", "prompt2", "negativePrompt", "negativePrompt2"]);

/** The request for this one picture, in the schema's order whatever the order of the original. */
function requestOfPicture(record: GenerationRecord): Record<string, unknown> {
  const { request, model, seed, steps, guidanceScale, scheduler, width, height } = record;
  const complete: Record<string, unknown> = {
    ...request,
    model,
    seed,
    steps,
    guidanceScale,
    scheduler,
    size: { width, height },
    count: undefined,
  };
  const fields = Object.keys(generateRequestSchema.shape).filter((field) => complete[field] !== undefined);
  return Object.fromEntries(
    fields.map((field) => [
      field,
      promptFields.has(field) ? complete[field] : withoutFolders(complete[field]),
    ]),
  );
}

/** What to write into a picture. The same record gives the same bytes: no time, no folder. */
export function describeGeneration(record: GenerationRecord): ImageMetadata {
  const { request, seed, steps, guidanceScale, scheduler, width, height, version } = record;
  const { variationSeed, variationStrength } = request;
  const settings = new Map(
    Object.entries({
      Steps: steps,
      Sampler: samplerLabel(scheduler),
      "CFG scale": guidanceScale,
      Seed: seed,
      Size: `${width}x${height}`,
      Model: withoutFolders(record.model),
      "Variation seed": variationSeed,
      "Variation seed strength": variationStrength,
      Version: `Limner ${version}`,
    }).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const])),
  );
  return {
    parameters: formatParameters({
      prompt: request.prompt,
      negativePrompt: request.negativePrompt,
      settings,
    }),
    requestJson: JSON.stringify(requestOfPicture(record)),
    creator: `Limner ${version}`,
  };
}

/** The fields of a value that a request may have and that are in range; others are left out. */
export function validFields(value: unknown): FoundRequest {
  if (typeof value !== "object" || value === null) return {};
  const given = new Map<string, unknown>(Object.entries(value));
  const found = Object.entries(generateRequestSchema.shape).flatMap(([field, schema]) => {
    const parsed = given.get(field) === undefined ? undefined : schema.safeParse(given.get(field));
    return parsed?.success ? [[field, parsed.data] as const] : [];
  });
  return Object.fromEntries(found);
}

function sizeOf(text: string | undefined): { width: number; height: number } | undefined {
  const [, width, height] = text?.match(/^(\d{1,5})\s*x\s*(\d{1,5})$/) ?? [];
  return width && height ? { width: Number(width), height: Number(height) } : undefined;
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text.trim() === "" ? undefined : Number(text);
}

/** The fields of a request that a tool's parameters give. Settings Limner has no field for are left out. */
export function requestOfParameters({
  prompt,
  negativePrompt,
  settings,
}: GenerationParameters): FoundRequest {
  const sampler = settings.get("Sampler");
  const fields: { [field in GenerateField]?: unknown } = {
    prompt,
    negativePrompt,
    steps: numberOf(settings.get("Steps")),
    scheduler: sampler === undefined ? undefined : samplerName(sampler),
    guidanceScale: numberOf(settings.get("CFG scale")),
    seed: numberOf(settings.get("Seed")),
    size: sizeOf(settings.get("Size")),
    model: settings.get("Model"),
    variationSeed: numberOf(settings.get("Variation seed")),
    variationStrength: numberOf(settings.get("Variation seed strength")),
  };
  return validFields(fields);
}
