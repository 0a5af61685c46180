import { dirname } from "node:path";
import * as vscode from "vscode";
import { importModel } from "../../protocol/importModel.ts";
import { listModels } from "../../protocol/listModels.ts";
import type { ResultOf } from "../../protocol/messageType.ts";
import type { ModelRole } from "../../protocol/modelRole.ts";
import type { StoredModelSummary } from "../../protocol/modelWork.ts";
import type { CommandName } from "../commandNames.ts";
import type { LimnerContext } from "../context.ts";
import { signalOf } from "../drawing/drawing.ts";
import { listStep, type Step } from "../questions/multiStep.ts";
import { readSetting, writeSetting } from "../settings.ts";

export type ListedModel = ResultOf<typeof listModels>["models"][number];

/** An entry of the list of models. */
export interface ModelChoice extends vscode.QuickPickItem {
  readonly model: string;
}

/**
 * The models that can draw, as entries of a list; the one that the settings name comes first.
 * @param roles of those that are wanted; what is not known of a model counts as the first
 */
export function modelChoices(
  models: readonly ListedModel[],
  current: string,
  roles: readonly ModelRole[] = ["base"],
): ModelChoice[] {
  const usable = models.filter(
    ({ type, state, role = "base" }) => type === "model" && state === "ready" && roles.includes(role),
  );
  const choices = usable.map(({ name, origin, from, weights, license }) => ({
    label: name,
    description: [
      name === current ? "in use" : "",
      origin === "built-in" ? "in the box" : from,
      weights,
      license,
    ]
      .filter(Boolean)
      .join(" · "),
    model: name,
  }));
  return [
    ...choices.filter(({ model }) => model === current),
    ...choices.filter(({ model }) => model !== current),
  ];
}

/** The model that is drawn with where the settings name none. */
export const boxModel = "limner-tiny";

/** The models to choose from. @throws LimnerError */
export async function askForModels({ host }: LimnerContext): Promise<ModelChoice[]> {
  const { models } = await host.ask(listModels, {});
  return modelChoices(models, readSetting("limner.model") || boxModel);
}

/** A question of several: with which of some models. */
export function modelStep(
  title: string,
  placeholder: string,
  models: readonly ModelChoice[],
  take: (model: string) => void,
): Step {
  const choices = (typed: string) =>
    models.filter(({ label }) => label.toLowerCase().includes(typed.trim().toLowerCase()));
  return listStep({ title, placeholder, choices }, ({ model }) => take(model));
}

const fromHub = "$(cloud-download) Get a Model…";
const fromDisk = "$(folder) Use a Folder or Checkpoint…";

/** "Select Model": which model draws from now on. */
export async function selectModel(context: LimnerContext): Promise<void> {
  const choices: (vscode.QuickPickItem & { model?: string })[] = [
    ...(await askForModels(context)),
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: fromHub },
    { label: fromDisk },
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: "Select Model",
    matchOnDescription: true,
  });
  if (!chosen) return;
  if (chosen.model !== undefined) return use(chosen.model);
  if (chosen.label === fromHub) {
    await vscode.commands.executeCommand("limner.getModel" satisfies CommandName);
    return;
  }
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: "A Model's Folder or Checkpoint",
      openLabel: "Use as Limner Model",
      canSelectFolders: true,
      canSelectFiles: true,
      filters: { Checkpoints: ["safetensors"] },
    })) ?? [];
  if (uri) await useAsModel(context, uri);
}

/** "Use as Limner Model": takes a folder or a checkpoint in, and draws with it from now on. */
export async function useAsModel(context: LimnerContext, ...parameters: readonly unknown[]): Promise<void> {
  const [uri] = parameters;
  if (!(uri instanceof vscode.Uri) || uri.scheme !== "file") return selectModel(context);
  const path = uri.path.endsWith("/model_index.json") ? dirname(uri.fsPath) : uri.fsPath;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: "Limner takes the model in",
    cancellable: true,
  };
  const { name, type } = await vscode.window.withProgress(options, (progress, token) =>
    context.host.work(
      importModel,
      (work) => ({ work, path }),
      ({ sentence }) => progress.report({ message: sentence }),
      signalOf(token),
    ),
  );
  if (type === "model") return use(name);
  tellOfLora(name);
}

/** Tells of a model that was got, and offers to draw with it. */
export async function offerModel({ host }: LimnerContext, { name, type }: StoredModelSummary): Promise<void> {
  if (type === "lora") return tellOfLora(name);
  const { models } = await host.ask(listModels, {});
  const { role = "base" } = models.find((model) => model.name === name) ?? {};
  if (role !== "base") {
    const use = role === "refiner" ? "Refine… on an image uses it" : "it paints within masks";
    void vscode.window.showInformationMessage(`${name} is ready: ${use}.`);
    return;
  }
  const button = "Use This Model";
  const sentence = `${name} is ready. Draw with it from now on?`;
  if ((await vscode.window.showInformationMessage(sentence, button)) === button) await use(name);
}

function tellOfLora(name: string): void {
  void vscode.window.showInformationMessage(
    `${name} is a LoRA: write <lora:${name}:0.8> into a prompt to apply it.`,
  );
}

async function use(model: string): Promise<void> {
  await writeSetting("limner.model", model);
  vscode.window.setStatusBarMessage(`Limner draws with ${model}.`, 5000);
}
