import { existsSync } from "node:fs";
import type { ModelRole } from "../../protocol/modelRole.ts";
import { builtInFolder, builtInModels } from "../builtInModels.ts";
import { modelRole } from "../modelRole.ts";
import { filesBelow } from "./checksums.ts";
import type { ModelStore } from "./modelStore.ts";
import { bytesOf, type StoredModel } from "./storedModel.ts";

/** A line of the list of models. */
export interface ListedModel {
  readonly name: string;
  readonly type: "model" | "lora";
  /** `ready` to draw with; `not-converted` yet; `missing` where its files are gone. */
  readonly state: "ready" | "not-converted" | "missing";
  readonly origin: "built-in" | "hub" | "user";
  /** Of a model that can be drawn with. */
  readonly role?: ModelRole;
  /** The repository, or the folder of the user's. */
  readonly from?: string;
  readonly weights?: string;
  /** On this disk: the model, and the checkpoint that it was converted from. */
  readonly bytes: number;
  readonly sourceBytes: number;
  readonly license?: string;
}

function stateOf({ type, drawable, source }: StoredModel): ListedModel["state"] {
  const used = type === "lora" ? source : drawable;
  if (!used) return "not-converted";
  return existsSync(used.folder) ? "ready" : "missing";
}

function listed(model: StoredModel): ListedModel {
  const { name, type, drawable, source, weights, license } = model;
  const origin = source ?? drawable;
  return {
    name,
    type,
    state: stateOf(model),
    origin: origin?.hub ? "hub" : "user",
    role: drawable && modelRole(drawable.folder),
    from: origin?.hub?.repository ?? origin?.folder,
    weights,
    bytes: bytesOf(type === "lora" ? source : drawable),
    sourceBytes: type === "lora" ? 0 : bytesOf(source),
    license,
  };
}

async function builtIn(name: string): Promise<ListedModel> {
  const from = builtInFolder(name);
  const bytes = (await filesBelow(from)).reduce((sum, { size }) => sum + size, 0);
  const role = modelRole(from);
  return { name, type: "model", state: "ready", origin: "built-in", role, from, bytes, sourceBytes: 0 };
}

/** The models and LoRAs that can be used by name, those that come with Limner first. */
export async function listModels(store: ModelStore): Promise<ListedModel[]> {
  const own = await Promise.all(builtInModels().map(builtIn));
  return [...own, ...store.read().models.map(listed)];
}
