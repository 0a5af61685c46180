import * as vscode from "vscode";
import type { GeneratedImage } from "../../protocol/generateResult.ts";
import type { Preview } from "../../protocol/jobProgress.ts";
import type { Progress } from "../../protocol/progress.ts";
import type { LimnerContext } from "../context.ts";
import type { DrawingRequest } from "../host/hostSession.ts";
import { PreviewTab } from "../previewTab/previewTab.ts";
import { readSetting } from "../settings.ts";
import { agreedDrawings } from "./longDrawing.ts";
import { progressFraction, progressText, shortPrompt } from "./progressText.ts";

/** What a request takes from the settings. */
export function requestSettings(scope?: vscode.Uri): { model?: string; device?: string } {
  const [model, device] = [readSetting("limner.model", scope), readSetting("limner.device", scope)];
  return { ...(model === "" ? {} : { model }), ...(device === "CPU" ? {} : { device }) };
}

/** An abort signal that follows a token of VS Code's. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** How a drawing is told of. */
export interface DrawingOptions {
  readonly title?: string;
  onPreview?(preview: Preview, progress: Progress): void;
}

/**
 * Draws one or more things with a notification that tells how far it is and can cancel all of them. All are asked for
 * at once, so that the host's queue holds them as one batch.
 * @param options.title of the notification (default: the first prompt)
 * @param options.onPreview called with pictures of what is being drawn
 * @returns the images of all that were drawn; those of a drawing that failed are reported and left out
 */
export async function drawWithProgress(
  context: LimnerContext,
  drawings: readonly DrawingRequest[],
  { title, onPreview }: DrawingOptions = {},
): Promise<GeneratedImage[]> {
  const [first] = drawings;
  if (!first) return [];
  const more = drawings.length > 1 ? ` (${drawings.length} files)` : "";
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: title ?? `Limner draws “${shortPrompt(first.request.prompt)}”${more}`,
    cancellable: true,
  };
  const results = await vscode.window.withProgress(options, async (progress, token) => {
    progress.report({ message: "getting ready" });
    const signal = signalOf(token);
    const agreed = await agreedDrawings(context, drawings, signal);
    if (!agreed) return [];
    const done = agreed.map(() => 0);
    const tell = (index: number, fraction: number, message?: string) => {
      const before = done[index] ?? 0;
      done[index] = Math.max(before, fraction);
      progress.report({ message, increment: (Math.max(fraction - before, 0) * 100) / drawings.length });
    };
    return Promise.allSettled(
      agreed.map(async (drawing, index) => {
        const { images } = await context.host.draw(
          drawing,
          {
            onProgress: (report, preview) => {
              tell(index, progressFraction(report), progressText(report));
              if (preview) onPreview?.(preview, report);
            },
            onWarning: (sentence) => {
              context.log.warn(sentence);
              void vscode.window.showWarningMessage(sentence);
            },
          },
          signal,
        );
        tell(index, 1);
        return images;
      }),
    );
  });
  const [failed] = results.filter((result) => result.status === "rejected");
  if (failed) void context.report(failed.reason);
  return results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
}

/**
 * As `drawWithProgress`, with a tab beside the editor that shows how the drawing comes about and then the first image.
 */
export async function drawAndShow(
  context: LimnerContext,
  drawings: readonly DrawingRequest[],
): Promise<GeneratedImage[]> {
  const isShownElsewhere = () => context.panel.current?.isVisible ?? false;
  const tab = new PreviewTab(drawings[0]?.request.prompt ?? "", isShownElsewhere);
  const images = await drawWithProgress(context, drawings, {
    onPreview: (preview, progress) => tab.show(preview, progress),
  });
  await tab.finish(images[0]?.file);
  return images;
}
