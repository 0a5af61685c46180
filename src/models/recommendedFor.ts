import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Recommendation } from "./configSchemas.ts";
import { fewStepRecommendation } from "./fewSteps.ts";
import { ModelStore } from "./store/modelStore.ts";

/** What the store knows of the model in a folder. */
function storedRecommendation(folder: string): Recommendation | undefined {
  try {
    const model = new ModelStore().read().models.find(({ drawable }) => drawable?.folder === folder);
    return model && { ...model.recommendation, name: model.name };
  } catch {
    // A damaged index keeps no one from drawing with a folder; whoever lists models is told.
    return undefined;
  }
}

/**
 * What is recommended for a model without a `limner.json` of its own: what the store noted when it was fetched or taken
 * in, else what its folder's name or its UNet tells.
 */
export function recommendedFor(folder: string, guidanceEmbeddingWidth: number | undefined): Recommendation {
  if (!existsSync(join(folder, "model_index.json"))) return {};
  return (
    storedRecommendation(folder) ??
    fewStepRecommendation({ names: [basename(folder)], guidanceEmbeddingWidth })
  );
}
