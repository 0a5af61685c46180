import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HubSettings } from "../../hub/hubSettings.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import { builtInFolder, builtInModels } from "../builtInModels.ts";
import { describeModel, type ModelDescription } from "../inspectModel.ts";
import type { ModelStore } from "./modelStore.ts";
import { type InspectedRepository, lookUpRepository } from "./repositoryLookup.ts";
import { type StoredModel, sourcePath } from "./storedModel.ts";

/** What something is: a model on this machine, or a repository of the hub. */
export type Inspection =
  | { readonly where: "here"; readonly model: ModelDescription }
  | { readonly where: "hub"; readonly found: InspectedRepository };

/** How to look at something. */
export interface InspectionOptions {
  readonly revision?: string;
  /** What it is on the hub, also where a model of that name is here. */
  readonly onHub?: boolean;
  readonly signal?: AbortSignal;
  /** How the hub is reached (default: as the environment says). */
  readonly settings?: HubSettings;
}

function pathOf({ drawable, source, name }: StoredModel): string {
  if (drawable) return drawable.folder;
  if (source) return sourcePath(source, join);
  throw new LimnerError("model-damaged", `"${name}" has no files. Remove it and get it again.`);
}

/**
 * Finds out what a name, a folder, a file or a repository is. Only for the last the network is used.
 * @throws LimnerError
 */
export async function inspectAny(
  store: ModelStore,
  what: string,
  { revision, onHub = false, signal, settings }: InspectionOptions = {},
): Promise<Inspection> {
  const here = onHub ? undefined : await modelHere(store, what);
  if (here) return { where: "here", model: here };
  return { where: "hub", found: await lookUpRepository({ what, revision }, { signal }, settings) };
}

/** A model in the box, one of the store, or one at a path. */
async function modelHere(store: ModelStore, what: string): Promise<ModelDescription | undefined> {
  if (builtInModels().includes(what)) return describeModel(builtInFolder(what));
  const stored = store.find(what);
  if (stored) {
    const model = await describeModel(pathOf(stored));
    const { license = model.license, recommendation = model.recommendation } = stored;
    return { ...model, license, recommendation };
  }
  return existsSync(what) ? describeModel(what) : undefined;
}
