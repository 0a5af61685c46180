import { vectorInputs } from "../conditioning/textEncoder.ts";
import { timestepToFloat } from "../graph/passes/timestepToFloat.ts";
import { takeTokenVectors } from "../graph/passes/tokenVectors.ts";
import { wrapConvolutions } from "../graph/passes/wrapConvolutions.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";
import type { TileAxes } from "../protocol/generateRequest.ts";
import type { GraphChange } from "./derivedModel.ts";
import type { ModelFolder } from "./modelFolder.ts";

/** What is compiled: the submodel as it is (no field), or changed. */
export interface Variant {
  /** A text encoder takes vectors in the place of tokens. */
  tokenVectors?: boolean;
  /** A UNet takes fractional timesteps. */
  fractionalTimesteps?: boolean;
  /** Axes along which a picture continues at its opposite edge. */
  tile?: TileAxes;
}

/** A short name of a variant. */
export function variantName({ tokenVectors, fractionalTimesteps, tile }: Variant): string {
  const parts = [
    tokenVectors ? "vectors" : "",
    fractionalTimesteps ? "fractional" : "",
    tile ? `tile-${tile}` : "",
  ];
  return parts.filter(Boolean).join(" ") || "plain";
}

/** The changes of its graph that make a variant of a submodel. */
export function changesFor(
  model: ModelFolder,
  submodel: SubmodelName,
  { tokenVectors, fractionalTimesteps, tile }: Variant,
): GraphChange[] {
  const changes: GraphChange[] = [];
  const encoder = model.textEncoders.find((one) => one.submodel === submodel);
  if (tokenVectors && encoder) {
    changes.push({
      pass: (graph) => takeTokenVectors(graph, encoder.hiddenSize, vectorInputs),
      purpose: "Embeddings cannot be used",
    });
  }
  if (fractionalTimesteps) {
    changes.push({ pass: timestepToFloat, purpose: "Fractional timesteps cannot be used" });
  }
  if (tile) {
    changes.push({
      pass: (graph) => wrapConvolutions(graph, tile),
      purpose: "Pictures that tile cannot be drawn",
    });
  }
  return changes;
}
