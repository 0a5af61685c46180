import * as vscode from "vscode";
import { removeBackground as request } from "../../protocol/removeBackground.ts";
import type { LimnerContext } from "../context.ts";
import { signalOf } from "../drawing/drawing.ts";
import { showImage } from "../drawing/showImage.ts";
import { transparentName } from "../targets/assetTarget.ts";
import { imageFiles } from "./imageFiles.ts";
import { allowBeside } from "./imageJobs.ts";

/** "Remove Background": makes the flat background of each of the files clear, in a new file beside it. */
export async function removeBackground(
  context: LimnerContext,
  ...parameters: readonly unknown[]
): Promise<void> {
  const files = imageFiles(parameters);
  if (files.length === 0) return;
  allowBeside(context, files);
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: files.length > 1 ? `Limner removes ${files.length} backgrounds` : "Limner removes the background",
    cancellable: true,
  };
  const { done, failed } = await vscode.window.withProgress(options, async (progress, token) => {
    const signal = signalOf(token);
    const results: string[] = [];
    const failures: unknown[] = [];
    for (const { fsPath } of files) {
      if (signal.aborted) break;
      progress.report({
        message: vscode.workspace.asRelativePath(fsPath),
        increment: results.length + failures.length > 0 ? 100 / files.length : 0,
      });
      try {
        const { file } = await context.host.ask(
          request,
          { file: fsPath, result: transparentName(fsPath) },
          signal,
        );
        results.push(file);
      } catch (error) {
        failures.push(error);
      }
    }
    return { done: results, failed: failures };
  });
  for (const error of failed) void context.report(error);
  const [file] = done;
  if (file !== undefined) await showImage(file);
}
