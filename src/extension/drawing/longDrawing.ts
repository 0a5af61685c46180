import * as vscode from "vscode";
import { bytesText, durationText } from "../../platform/quantityText.ts";
import { estimateImages } from "../../protocol/estimateImages.ts";
import type { GenerateRequest } from "../../protocol/generateRequest.ts";
import type { ResultOf } from "../../protocol/messageType.ts";
import type { CommandName } from "../commandNames.ts";
import type { LimnerContext } from "../context.ts";
import type { DrawingRequest } from "../host/hostSession.ts";

/** What takes longer is asked about first, in seconds. */
const longest = 120;

/** What can be done about a drawing that takes long. */
export type LongDrawingChoice =
  | { readonly title: string; readonly kind: "draw" }
  | { readonly title: string; readonly kind: "change"; change(request: GenerateRequest): GenerateRequest }
  | { readonly title: string; readonly kind: "get" };

type Estimate = ResultOf<typeof estimateImages>;

/** As the few-step model is meant to be run: what was meant for another model would spoil it. */
function withModel(request: GenerateRequest, model: string): GenerateRequest {
  const { steps, guidanceScale, scheduler, sigmas, sigmasList, timestepSpacing, ...rest } = request;
  return { ...rest, model };
}

/** What is offered. */
export function longDrawingChoices({ smaller, fewStepModels }: Estimate): LongDrawingChoice[] {
  const [fast] = fewStepModels;
  return [
    { title: "Draw", kind: "draw" },
    fast === undefined
      ? { title: "Get a Few-Step Model…", kind: "get" }
      : { title: `Draw with ${fast}`, kind: "change", change: (request) => withModel(request, fast) },
    ...(smaller
      ? [
          {
            title: `Draw at ${smaller.width}×${smaller.height}`,
            kind: "change" as const,
            change: (request: GenerateRequest) => ({ ...request, size: smaller }),
          },
        ]
      : []),
  ];
}

/** What the user is told. @param seconds of all drawings together */
export function longDrawingText(
  { memoryBytes }: Estimate,
  seconds: number,
): { message: string; detail: string } {
  const memory = memoryBytes === undefined ? "" : ` It needs about ${bytesText(memoryBytes)} of memory.`;
  return {
    message: `This takes about ${durationText(seconds)}.`,
    detail: `That is how long steps took on this machine before.${memory} You can cancel it at any time.`,
  };
}

/**
 * Asks before a drawing that is known to take more than two minutes.
 * @returns the drawings, changed as the user chose; nothing where the user does not want them
 */
export async function agreedDrawings(
  context: LimnerContext,
  drawings: readonly DrawingRequest[],
  signal: AbortSignal,
): Promise<readonly DrawingRequest[] | undefined> {
  const [first] = drawings;
  if (!first) return drawings;
  // What is wrong with the request, drawing tells.
  const estimate = await context.host
    .ask(estimateImages, { request: first.request, longerThan: longest / drawings.length }, signal)
    .catch(() => undefined);
  const seconds = (estimate?.seconds ?? 0) * drawings.length;
  if (!estimate || seconds <= longest) return drawings;
  const choices = longDrawingChoices(estimate);
  const { message, detail } = longDrawingText(estimate, seconds);
  const title = await vscode.window.showInformationMessage(
    message,
    { modal: true, detail },
    ...choices.map((choice) => choice.title),
  );
  const chosen = choices.find((choice) => choice.title === title);
  switch (chosen?.kind) {
    case undefined:
      return undefined;
    case "draw":
      return drawings;
    case "change":
      return drawings.map(({ request, target }) => ({ request: chosen.change(request), target }));
    case "get":
      void vscode.commands.executeCommand("limner.getModel" satisfies CommandName);
      return undefined;
  }
}
