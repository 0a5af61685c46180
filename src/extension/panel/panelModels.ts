import { isAbsolute } from "node:path";
import { inspectModel } from "../../protocol/inspectModel.ts";
import type { ModelChoice, ModelFacts } from "../../protocol/panel/panelModel.ts";
import { imageFormatSchema, type ToPanel } from "../../protocol/panel/toPanel.ts";
import { pipelineDefaults } from "../../protocol/pipelineDefaults.ts";
import type { HostSession } from "../host/hostSession.ts";
import { boxModel, type ListedModel } from "../models/models.ts";
import { readSetting } from "../settings.ts";

type Choices = Extract<ToPanel, { kind: "choices" }>;

function choiceOf({ name, role = "base", origin, from, weights }: ListedModel): ModelChoice {
  const where = origin === "built-in" ? "in the box" : from;
  return { name, role, description: [where, weights].filter(Boolean).join(" · ").slice(0, 1000) };
}

/** The format that the settings' pattern names. */
function formatOf(pattern: string): Choices["format"] {
  const extension = pattern.slice(pattern.lastIndexOf(".") + 1).toLowerCase();
  return imageFormatSchema.catch("png").parse(extension === "jpeg" ? "jpg" : extension);
}

/** What the composer has to choose from. */
export function panelChoices(models: readonly ListedModel[], devices: Choices["devices"]): Choices {
  const ready = models.filter(({ state }) => state === "ready");
  const model = readSetting("limner.model") || boxModel;
  const listed = ready.filter(({ type }) => type === "model").map(choiceOf);
  const isListed = listed.some(({ name }) => name === model);
  return {
    kind: "choices",
    models: isListed ? listed : [{ name: model, description: "of the settings", role: "base" }, ...listed],
    loras: ready.filter(({ type }) => type === "lora").map(({ name }) => name),
    devices,
    model,
    device: readSetting("limner.device"),
    format: formatOf(readSetting("limner.assets.pattern")),
  };
}

/**
 * What a model can do and recommends. Only models of the list and paths are looked at: for anything else the host would
 * ask the hub.
 * @throws LimnerError
 */
export async function modelFacts(
  host: HostSession,
  models: readonly ListedModel[],
  model: string,
): Promise<ModelFacts | undefined> {
  const listed = models.find(({ name, type }) => name === model && type === "model");
  if (!listed && !isAbsolute(model)) return undefined;
  const found = await host.ask(inspectModel, { what: model });
  if (found.where !== "here" || !found.size) return undefined;
  const { size, sizes = [size], sizeMultiple = 8, samplers = [], recommendation = {}, architecture } = found;
  const number = (name: string, otherwise: number) => {
    const value = recommendation[name];
    return typeof value === "number" ? value : otherwise;
  };
  const sampler = recommendation["scheduler"];
  const isKnown = architecture === "refiner" || architecture === "inpainting";
  return {
    model,
    role: listed?.role ?? (isKnown ? architecture : "base"),
    size,
    sizes,
    sizeMultiple,
    fixedSize: recommendation["fixedSize"] === true,
    samplers,
    sampler: typeof sampler === "string" ? sampler : undefined,
    steps: number("steps", pipelineDefaults.steps),
    guidanceScale: number("guidanceScale", pipelineDefaults.guidanceScale),
  };
}
