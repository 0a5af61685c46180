import { catalogue } from "../models/catalogue.ts";
import { getModel } from "../models/store/getModel.ts";
import { importModel } from "../models/store/importModel.ts";
import { inspectAny } from "../models/store/inspectAny.ts";
import { listInterrupted } from "../models/store/listInterrupted.ts";
import { listModels } from "../models/store/listModels.ts";
import { ModelStore } from "../models/store/modelStore.ts";
import type { ModelWorkHooks } from "../models/store/modelWork.ts";
import { removeModel } from "../models/store/removeModel.ts";
import { repairModel } from "../models/store/repairModel.ts";
import { convertStored } from "../models/store/storedConversion.ts";
import type { StoredModel } from "../models/store/storedModel.ts";
import { verifyModel } from "../models/store/verifyModel.ts";
import { workSentence } from "../models/store/workSentence.ts";
import { printable } from "../platform/printable.ts";
import { bytesText } from "../platform/quantityText.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { interruption } from "./interruption.ts";
import {
  catalogueText,
  descriptionText,
  listText,
  repositoryText,
  verificationText,
} from "./modelReports.ts";
import { type ModelsCommand, modelsHelp, parseModelsCommand } from "./modelsOptions.ts";
import { WorkLine } from "./workLine.ts";
import { askYesNo } from "./yesNoQuestion.ts";

/** What a command prints: lines for people, or a value as JSON. */
interface Printed {
  readonly text: string;
  readonly json: unknown;
  readonly code?: number;
}

function hooksFor(command: ModelsCommand, line: WorkLine, signal: AbortSignal): ModelWorkHooks {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY;
  return {
    signal,
    onNote: (sentence) => line.note(sentence),
    onProgress: (progress) =>
      line.show(
        progress.phase,
        workSentence(progress),
        progress.bytesDone / Math.max(1, progress.bytesTotal),
      ),
    ...(command.acceptLicense
      ? { acceptLicense: async () => true }
      : canAsk
        ? {
            acceptLicense: () =>
              askYesNo("Accept the license?", { input: process.stdin, output: process.stderr, signal }),
          }
        : {}),
  };
}

/** How a model can be used now, in a sentence. */
function readySentence({ name, type, drawable, source }: StoredModel): string {
  if (type === "lora") return `${name} is ready: --lora ${name}, or <lora:${name}:1> in a prompt\n`;
  if (!drawable) return `${name} is fetched; to draw with it: limner models convert ${name}\n`;
  const fetched = source?.place === "hub";
  const hint = fetched ? ` (its checkpoint can go: limner models remove ${name} --source)` : "";
  return `${name} is ready: --model ${name}${hint}\n`;
}

async function inspect(store: ModelStore, command: ModelsCommand, signal: AbortSignal): Promise<Printed> {
  const [what = ""] = command.operands;
  const inspection = await inspectAny(store, what, { revision: command.revision, signal });
  if (inspection.where === "here") return { text: descriptionText(inspection.model), json: inspection.model };
  const { repository, kind, recommendation, bytes, memory } = inspection.found;
  const { files: _, ...about } = repository;
  const json = { ...about, kind: kind.kind, files: kind.files, bytes, ...memory, recommendation };
  return { text: repositoryText(inspection.found), json };
}

async function verify(store: ModelStore, command: ModelsCommand, hooks: ModelWorkHooks): Promise<Printed> {
  const names = command.operands.length > 0 ? command.operands : store.read().models.map(({ name }) => name);
  const found = [];
  for (const name of names) {
    let result = await verifyModel(store, name, hooks);
    if (command.repair && result.problems.length > 0) {
      await repairModel(store, result, hooks);
      result = await verifyModel(store, name, hooks);
    }
    found.push(result);
  }
  const isGood = found.every(({ problems }) => problems.length === 0);
  return { text: found.map(verificationText).join(""), json: found, code: isGood ? 0 : 1 };
}

async function execute(command: ModelsCommand, hooks: ModelWorkHooks, signal: AbortSignal): Promise<Printed> {
  const store = new ModelStore();
  const [what = ""] = command.operands;
  const ready = (model: StoredModel): Printed => ({ text: readySentence(model), json: model });
  switch (command.command) {
    case "list": {
      if (command.available) return { text: catalogueText(catalogue()), json: catalogue() };
      const [models, interrupted] = [await listModels(store), await listInterrupted(store)];
      return { text: listText(models, interrupted), json: { models, interrupted } };
    }
    case "inspect":
      return inspect(store, command, signal);
    case "get":
      return ready(await getModel(store, { ...command, what }, hooks));
    case "import":
      return ready(await importModel(store, { ...command, path: what }, hooks));
    case "convert":
      return ready(await convertStored(store, what, command, hooks));
    case "verify":
      return verify(store, command, hooks);
    case "remove": {
      const removal = await removeModel(store, what, command.source ? "source" : "all");
      const kept = removal.kept.map((folder) => `${folder} is left alone: it is not Limner's, or in use.\n`);
      return { text: `${bytesText(removal.freedBytes)} freed\n${kept.join("")}`, json: removal };
    }
  }
}

/**
 * `limner models`.
 * @returns the exit code: 1 where a check found damage
 * @throws LimnerError
 */
export async function runModels(args: readonly string[]): Promise<number> {
  const command = parseModelsCommand(args);
  if (command === "help") {
    process.stdout.write(modelsHelp);
    return 0;
  }
  const signal = interruption();
  const line = new WorkLine(process.stderr);
  try {
    const { text, json, code = 0 } = await execute(command, hooksFor(command, line, signal), signal);
    line.end();
    process.stdout.write(command.json ? `${JSON.stringify(json)}\n` : printable(text));
    return code;
  } catch (error) {
    if (signal.aborted)
      throw new LimnerError("cancelled", "Cancelled. What was fetched is kept for the next time.");
    throw error;
  } finally {
    line.end();
  }
}
