import { bytesText } from "../../platform/quantityText.ts";
import type { listModels } from "../../protocol/listModels.ts";
import type { ResultOf } from "../../protocol/messageType.ts";

type Listed = ResultOf<typeof listModels>;
export type AvailableModel = Listed["available"][number];

/** A model that can be got, as an entry of a list. */
export interface CatalogueEntry {
  readonly label: string;
  readonly description: string;
  /** What the host is asked for. */
  readonly what: string;
}

const purposes: Readonly<Record<AvailableModel["role"], string>> = {
  base: "draws from prompts",
  refiner: "refines finished images",
  inpainting: "paints within masks",
  "few-step": "draws in a few steps",
};

function purposeOf({ role, kind, nonCommercial }: AvailableModel): string {
  const parts = [
    kind === "lora" ? "LoRA that makes a model draw in a few steps" : purposes[role],
    kind === "checkpoint" ? "is converted after the download" : "",
    nonCommercial ? "not for commercial use" : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** Downloads that did not end and that the same name goes on with. */
function interruptedEntries({ interrupted, available }: Listed): CatalogueEntry[] {
  const titleOf = (what: string) => available.find(({ name }) => name === what)?.title;
  return interrupted
    .filter(({ isRunning, resume }) => !isRunning && !resume.name && !resume.revision)
    .map(({ id, resume, bytesDone, bytesTotal }) => ({
      label: `$(debug-continue) ${titleOf(resume.what) ?? id}`,
      description: `goes on: ${bytesText(bytesDone)} of ${bytesText(bytesTotal)} fetched`,
      what: resume.what,
    }));
}

/**
 * What can be got: first the downloads that did not end, then the models of the catalogue; those that are here already
 * are marked and come last.
 */
export function catalogueEntries(listed: Listed): CatalogueEntry[] {
  const { available, models } = listed;
  const begun = interruptedEntries(listed);
  const here = new Set(models.filter(({ state }) => state === "ready").map(({ name }) => name));
  const entries = available.map((model) => ({
    label: here.has(model.name) ? `$(check) ${model.title}` : model.title,
    description: [here.has(model.name) ? "here already" : "", purposeOf(model)].filter(Boolean).join(" · "),
    what: model.name,
  }));
  const others = entries.filter(({ what }) => !begun.some((entry) => entry.what === what));
  return [
    ...begun,
    ...others.filter(({ what }) => !here.has(what)),
    ...others.filter(({ what }) => here.has(what)),
  ];
}

/** What was typed, where it may be a repository, one of its files, or a page's address. */
export function typedRepository(typed: string): string | undefined {
  const text = typed.trim();
  return /^(https?:\/\/\S+|[\w.-]+\/[\w.-]+(\/\S+)?)$/.test(text) ? text : undefined;
}
