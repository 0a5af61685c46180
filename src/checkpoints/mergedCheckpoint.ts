import type { Checkpoint, Submodel } from "./checkpoint.ts";
import { CheckpointError } from "./checkpointError.ts";
import { loraDeltaFor } from "./loraDelta.ts";
import { type LoraFile, openLora } from "./loraFile.ts";
import type { LoraLayer } from "./loraLayer.ts";
import {
  findTarget,
  type LoraSubmodel,
  type LoraTarget,
  type LoraTargets,
  loraTargets,
} from "./loraTargets.ts";
import { type MatrixProduct, plainProduct } from "./matrixProduct.ts";
import { mergedTensor, type ScaledDelta } from "./mergedTensor.ts";

/** A LoRA file and how strongly it acts; 1 is as it was trained. */
export interface LoraChoice {
  readonly file: string;
  readonly scale: number;
}

/** How much of a LoRA file met a weight of the model. */
export interface LoraReport {
  readonly file: string;
  readonly merged: number;
  /** Modules of the file that the model does not have. */
  readonly unmatched: readonly string[];
}

interface Match {
  readonly layer: LoraLayer;
  readonly target: LoraTarget;
}

/** Pairs layers with weights. Where a file has a weight under both spellings, the original one is dropped. */
function matchLayers(lora: LoraFile, targets: LoraTargets): { matches: Match[]; report: LoraReport } {
  const matches = new Map<string, Match>();
  const unmatched: string[] = [...lora.unknown];
  for (const layer of lora.layers) {
    const target = findTarget(targets, layer.module);
    if (!target) {
      unmatched.push(layer.module);
      continue;
    }
    const key = `${target.submodel}/${target.weight}`;
    if (!matches.get(key) || matches.get(key)?.target.original) matches.set(key, { layer, target });
  }
  if (matches.size === 0)
    throw new CheckpointError(
      "unsupported",
      `${lora.file} changes nothing in this model: none of its ${lora.layers.length} modules (${JSON.stringify(unmatched[0] ?? "").slice(0, 120)}, …) is in it. Is it a LoRA for SDXL?`,
    );
  return {
    matches: [...matches.values()],
    report: { file: lora.file, merged: matches.size, unmatched },
  };
}

type Deltas = Map<LoraSubmodel, Map<string, ScaledDelta[]>>;

async function collect(
  checkpoint: Checkpoint,
  matches: readonly Match[],
  lora: LoraFile,
  scale: number,
  deltas: Deltas,
) {
  for (const { layer, target } of matches) {
    const weight = checkpoint[target.submodel]?.tensors.get(target.weight);
    if (!weight) continue;
    const delta = await loraDeltaFor(lora, layer, target.weight, weight.shape);
    const ofSubmodel = deltas.get(target.submodel) ?? new Map<string, ScaledDelta[]>();
    ofSubmodel.set(target.weight, [...(ofSubmodel.get(target.weight) ?? []), { delta, scale }]);
    deltas.set(target.submodel, ofSubmodel);
  }
}

function mergedSubmodel(
  submodel: Submodel,
  deltas: Map<string, ScaledDelta[]> | undefined,
  product: MatrixProduct,
): Submodel {
  if (!deltas) return submodel;
  const tensors = new Map(submodel.tensors);
  for (const [name, changes] of deltas) {
    const base = tensors.get(name);
    if (base) tensors.set(name, mergedTensor(base, changes, product));
  }
  return { config: submodel.config, tensors };
}

/**
 * A checkpoint with LoRA files merged into its weights, in the order given. Nothing is computed until the weights
 * are read. Closing it closes the LoRA files and the checkpoint.
 * @param product how matrices are multiplied; plain JavaScript where none is given
 * @throws CheckpointError when a file cannot be read, does not fit, or changes nothing in this model
 */
export async function withLoras(
  checkpoint: Checkpoint,
  choices: readonly LoraChoice[],
  product: MatrixProduct = plainProduct,
): Promise<{ checkpoint: Checkpoint; reports: LoraReport[] }> {
  if (choices.length === 0) return { checkpoint, reports: [] };
  const targets = loraTargets(checkpoint);
  const opened: LoraFile[] = [];
  const reports: LoraReport[] = [];
  const deltas: Deltas = new Map();
  try {
    for (const { file, scale } of choices) {
      const lora = await openLora(file);
      opened.push(lora);
      const { matches, report } = matchLayers(lora, targets);
      await collect(checkpoint, matches, lora, scale, deltas);
      reports.push(report);
    }
  } catch (error) {
    await Promise.all(opened.map((lora) => lora.close()));
    throw error;
  }
  const merged = (name: LoraSubmodel, submodel: Submodel | undefined) =>
    submodel && mergedSubmodel(submodel, deltas.get(name), product);
  return {
    reports,
    checkpoint: {
      ...checkpoint,
      unet: mergedSubmodel(checkpoint.unet, deltas.get("unet"), product),
      textEncoder: merged("textEncoder", checkpoint.textEncoder),
      textEncoder2: merged("textEncoder2", checkpoint.textEncoder2),
      async close() {
        await Promise.all(opened.map((lora) => lora.close()));
        await checkpoint.close();
      },
    },
  };
}
