import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoraReport } from "../../convert/conversion.ts";
import { convertModel } from "../../convert/convertModel.ts";
import { mergeIntoIr } from "../../convert/mergeIntoIr.ts";
import { userDirectories } from "../../platform/directories.ts";
import { withLock } from "../../platform/lock.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { RequestedLora } from "../../protocol/promptLoras.ts";
import type { Recommendation } from "../configSchemas.ts";
import { readModelFolder } from "../modelFolder.ts";
import { irSubmodels } from "../repositoryFiles.ts";
import { ModelStore } from "../store/modelStore.ts";
import type { ModelWorkHooks } from "../store/modelWork.ts";
import { isUpToDate, sourcePath } from "../store/storedModel.ts";
import { type FoundLora, findLora } from "./findLora.ts";
import { evictVariants, variantLock } from "./variantCache.ts";

/** Where variants are, and what they are made of. */
export interface VariantPlaces {
  readonly store: ModelStore;
  /** Limner's cache folder for variants by default. */
  readonly folder: string;
}

export function variantPlaces(): VariantPlaces {
  return { store: new ModelStore(), folder: join(userDirectories().cache, "variants") };
}

/** Changes when the model does: place, size and time of its weights. */
async function identityOf(folder: string): Promise<string[]> {
  const parts: string[] = [folder];
  for (const submodel of irSubmodels) {
    const found = await stat(join(folder, submodel, "openvino_model.bin")).catch(() => undefined);
    if (found) parts.push(`${submodel} ${found.size} ${found.mtimeMs}`);
  }
  return parts;
}

async function keyOf(folder: string, loras: readonly FoundLora[]): Promise<string> {
  const parts = [...(await identityOf(folder)), ...loras.map(({ digest, scale }) => `${digest} ${scale}`)];
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 24);
}

/** What is recommended with the LoRAs: theirs before the model's own. The name stays, as prompts name the LoRAs. */
function recommendationWith(folder: string, loras: readonly FoundLora[]): Recommendation {
  const { recommendation, name } = readModelFolder(folder);
  const own = loras.map((lora) => lora.recommendation).filter((one) => Object.keys(one).length > 0);
  // A few-step LoRA's sampler goes with its own steps and guidance, not with half of the model's.
  const { scheduler, timestepSpacing, sigmas, timesteps, steps, guidanceScale, ...rest } = recommendation;
  const run = { scheduler, timestepSpacing, sigmas, timesteps, steps, guidanceScale };
  return { ...rest, ...Object.assign({}, ...(own.length > 0 ? own : [run])), name };
}

function reportSentence({ file, merged, unmatched }: LoraReport): string | undefined {
  return unmatched.length === 0
    ? undefined
    : `${file}: ${merged} modules merged; ${unmatched.length} of its modules are not in this model.`;
}

/** Builds the variant: from the checkpoint where it is known, else out of the IR. */
async function build(
  store: ModelStore,
  folder: string,
  loras: readonly FoundLora[],
  out: string,
  hooks: ModelWorkHooks,
): Promise<void> {
  const options = {
    signal: hooks.signal,
    onProgress: (progress: { bytesDone: number; bytesTotal: number; secondsLeft?: number }) =>
      hooks.onProgress?.({ phase: "merge", ...progress }),
    onLora: (report: LoraReport) => {
      const sentence = reportSentence(report);
      if (sentence) hooks.onNote?.(sentence);
    },
  };
  const choices = loras.map(({ file, scale }) => ({ file, scale }));
  const stored = store.read().models.find(({ drawable }) => drawable?.folder === folder);
  const checkpoint = stored?.source && isUpToDate(stored) ? sourcePath(stored.source, join) : undefined;
  if (stored && checkpoint && existsSync(checkpoint)) {
    const { weights, groupSize, recommendation } = stored;
    const { predictionType } = recommendation ?? {};
    const request = { source: checkpoint, out, weights, groupSize, loras: choices, predictionType };
    await convertModel(request, options);
  } else {
    await mergeIntoIr({ source: folder, out, loras: choices }, options);
  }
}

/**
 * A folder of the model with LoRAs merged into it: built when it is first asked for, kept in the cache, and found there
 * by every process afterwards. Without LoRAs it is the model's own folder.
 * @param folder of OpenVINO IR
 * @throws LimnerError where a LoRA cannot be found, or does not fit the model
 */
export async function modelWithLoras(
  folder: string,
  wanted: readonly RequestedLora[],
  hooks: ModelWorkHooks = {},
  { store, folder: variants }: VariantPlaces = variantPlaces(),
): Promise<string> {
  const acting = wanted.filter(({ scale }) => scale !== 0);
  if (acting.length === 0) return folder;
  try {
    return await variantOf(folder, acting, hooks, { store, folder: variants });
  } catch (error) {
    if (!hooks.signal?.aborted) throw error;
    throw new LimnerError("cancelled", "The merging of LoRAs was cancelled; nothing was left behind.");
  }
}

async function variantOf(
  folder: string,
  acting: readonly RequestedLora[],
  hooks: ModelWorkHooks,
  { store, folder: variants }: VariantPlaces,
): Promise<string> {
  const loras = await Promise.all(acting.map((one) => findLora(store, one)));
  const recommendation = recommendationWith(folder, loras);
  const key = await keyOf(folder, loras);
  const out = join(variants, key);
  // The last file that is written: with it the variant is whole.
  const last = join(out, "limner.json");
  await withLock(
    variantLock(variants, key),
    async () => {
      if (!existsSync(last)) {
        await rm(out, { recursive: true, force: true });
        await build(store, folder, loras, out, hooks);
        await rm(last, { force: true });
        await writeFile(last, `${JSON.stringify(recommendation, undefined, 2)}\n`);
      }
      const now = new Date();
      await utimes(last, now, now);
    },
    {
      signal: hooks.signal,
      onWait: () => hooks.onNote?.("Another Limner is merging these LoRAs; waiting for it."),
    },
  );
  await evictVariants(variants, key);
  return out;
}
