import { type FoundRequest, validFields } from "./generationRecord.ts";

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

/** The fields of a request that InvokeAI's `invokeai_metadata` text gives; nothing when it has no prompt. */
export function parseInvokeAiMetadata(value: unknown): FoundRequest | undefined {
  const fields = fieldsOf(value);
  const model = fields.get("model");
  const found = validFields({
    prompt: fields.get("positive_prompt"),
    negativePrompt: fields.get("negative_prompt") ?? undefined,
    steps: fields.get("steps"),
    guidanceScale: fields.get("cfg_scale"),
    seed: fields.get("seed"),
    size: { width: fields.get("width"), height: fields.get("height") },
    model: fieldsOf(model).get("name") ?? fieldsOf(model).get("model_name"),
  });
  return found.prompt === undefined ? undefined : found;
}
