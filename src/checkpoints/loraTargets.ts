import type { Checkpoint, Submodel } from "./checkpoint.ts";
import { CheckpointError } from "./checkpointError.ts";
import { type UnetLevels, unetPrefixes } from "./unetKeys.ts";

/** The submodels that a LoRA can change. */
export type LoraSubmodel = "unet" | "textEncoder" | "textEncoder2";

/** The weight that a LoRA's module changes. `original` is true where the file used the original (LDM) names. */
export interface LoraTarget {
  readonly submodel: LoraSubmodel;
  /** The weight's name in the submodel, as diffusers and transformers call it. */
  readonly weight: string;
  readonly original: boolean;
}

/** Every name under which a LoRA file may mean a weight, with that weight. */
export type LoraTargets = ReadonlyMap<string, LoraTarget>;

const underscored = (name: string): string => name.replaceAll(".", "_");

/** The modules with a matrix or a convolution: the names of their weights without `.weight`. */
function modulesOf(submodel: Submodel): string[] {
  return [...submodel.tensors]
    .filter(([name, source]) => name.endsWith(".weight") && source.shape.length >= 2)
    .map(([name]) => name.slice(0, -".weight".length));
}

function levelsOf(unet: Submodel): UnetLevels {
  const channels: unknown = unet.config["block_out_channels"];
  const layers = unet.config["layers_per_block"];
  const single = Array.isArray(layers) ? layers[0] : layers;
  const bounded = (value: unknown): value is number =>
    typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 64;
  const levels = Array.isArray(channels) ? channels.length : 0;
  if (!bounded(levels) || !bounded(single))
    throw new CheckpointError(
      "damaged",
      "The UNet's config.json has no block_out_channels or layers_per_block.",
    );
  return { levels, layersPerBlock: single };
}

/** The original names of a module: none, one, or two where the position depends on the block's attention. */
function originalNames(module: string, prefixes: ReadonlyMap<string, string[]>): string[] {
  for (let end = module.length; end > 0; end = module.lastIndexOf(".", end - 1)) {
    const found = prefixes.get(module.slice(0, end));
    if (found) return found.map((prefix) => prefix + module.slice(end));
  }
  return [];
}

class TargetTable {
  readonly entries = new Map<string, LoraTarget>();
  /** Names that mean two different weights: using one is an error, but having them is none. */
  readonly #ambiguous = new Set<string>();

  add(name: string, target: LoraTarget): void {
    const present = this.entries.get(name);
    if (present && (present.weight !== target.weight || present.submodel !== target.submodel))
      this.#ambiguous.add(name);
    this.entries.set(name, target);
  }

  finished(): LoraTargets {
    for (const name of this.#ambiguous) this.entries.delete(name);
    return this.entries;
  }
}

function addUnet(table: TargetTable, unet: Submodel): void {
  const prefixes = new Map<string, string[]>();
  for (const [ldm, diffusers] of unetPrefixes(levelsOf(unet)))
    prefixes.set(diffusers, [...(prefixes.get(diffusers) ?? []), ldm]);
  for (const module of modulesOf(unet)) {
    const target = { submodel: "unet" as const, weight: `${module}.weight`, original: false };
    for (const name of [`lora_unet_${underscored(module)}`, `lycoris_${underscored(module)}`])
      table.add(name, target);
    for (const name of [module, `unet.${module}`, `base_model.model.${module}`]) table.add(name, target);
    for (const ldm of originalNames(module, prefixes)) {
      const original = { ...target, original: true };
      table.add(`lora_unet_${underscored(ldm)}`, original);
      table.add(`diffusion_model.${ldm}`, original);
      table.add(`model.diffusion_model.${ldm}`, original);
    }
  }
}

function addTextEncoder(
  table: TargetTable,
  encoder: Submodel,
  submodel: LoraSubmodel,
  kohya: readonly string[],
  dotted: string,
): void {
  for (const module of modulesOf(encoder)) {
    const target = { submodel, weight: `${module}.weight`, original: false };
    for (const prefix of kohya) table.add(`${prefix}_${underscored(module)}`, target);
    table.add(`${dotted}.${module}`, target);
    // Newer transformers releases name the modules without this part.
    table.add(`${dotted}.${module.replace(/^text_model\./, "")}`, target);
  }
}

/**
 * Builds the table of names from the model's own modules: a name with underscores for dots cannot be taken apart
 * without knowing them.
 */
export function loraTargets(checkpoint: Checkpoint): LoraTargets {
  const table = new TargetTable();
  addUnet(table, checkpoint.unet);
  if (checkpoint.textEncoder)
    addTextEncoder(table, checkpoint.textEncoder, "textEncoder", ["lora_te1", "lora_te"], "text_encoder");
  if (checkpoint.textEncoder2)
    addTextEncoder(table, checkpoint.textEncoder2, "textEncoder2", ["lora_te2"], "text_encoder_2");
  return table.finished();
}

const olderProjections: Readonly<Record<string, string>> = {
  to_q: "q_proj",
  to_k: "k_proj",
  to_v: "v_proj",
  to_out: "out_proj",
};

/** Finds the weight that a file's name of a module means; undefined when the model has no such module. */
export function findTarget(targets: LoraTargets, module: string): LoraTarget | undefined {
  const found = targets.get(module);
  if (found) return found;
  // diffusers before 0.18 names attention processors, and text encoders' projections as the UNet's.
  const plain = module.replace(".processor.", ".");
  return (
    targets.get(plain) ??
    targets.get(`${plain}.0`) ??
    targets.get(
      plain.replace(/\.(to_q|to_k|to_v|to_out)$/, (_, part: string) => `.${olderProjections[part]}`),
    )
  );
}
