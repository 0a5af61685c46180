import * as vscode from "vscode";
import type { CommandName } from "../commandNames.ts";
import { shortPrompt } from "../drawing/progressText.ts";
import { type MissingImageDiagnostics, rangeOf } from "./diagnostics.ts";
import { drawable } from "./drawable.ts";
import { type MissingImage, promptOf } from "./missingImage.ts";

const allKind = () => vscode.CodeActionKind.Source.append("generateMissingImages");

/** Offers to draw what a document names and what is not there: the image at the cursor, and all of them. */
export class MissingImageActions implements vscode.CodeActionProvider {
  readonly #diagnostics: MissingImageDiagnostics;

  constructor(diagnostics: MissingImageDiagnostics) {
    this.#diagnostics = diagnostics;
  }

  /** What is offered, for VS Code. */
  static metadata(): vscode.CodeActionProviderMetadata {
    return { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, allKind()] };
  }

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { only, diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const missing = drawable(document, this.#diagnostics.of(document));
    const files = new Set(missing.map(({ file }) => file));
    const isAsked = (kind: vscode.CodeActionKind) => only === undefined || only.contains(kind);
    const here = missing.filter((image) => rangeOf(document, image).intersection(range) !== undefined);
    const own = diagnostics.filter(({ source }) => source === "Limner");
    const actions: vscode.CodeAction[] = [];
    if (isAsked(vscode.CodeActionKind.QuickFix)) {
      actions.push(...here.map((image) => oneAction(document, image, own)));
      if (here.length > 0 && files.size > 1) {
        actions.push(allAction(document, files.size, vscode.CodeActionKind.QuickFix));
      }
    }
    // The menu of source actions, and whoever runs it by its name.
    if (only !== undefined && isAsked(allKind()) && files.size > 0) {
      actions.push(allAction(document, files.size, allKind()));
    }
    return actions;
  }
}

function oneAction(
  document: vscode.TextDocument,
  image: MissingImage,
  diagnostics: readonly vscode.Diagnostic[],
): vscode.CodeAction {
  const title = `Generate “${shortPrompt(promptOf(image), 50)}”`;
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  const command: CommandName = "limner.generateMissingImage";
  action.command = { command, title, arguments: [document.uri, image.file] };
  action.diagnostics = diagnostics.filter(({ range }) => range.isEqual(rangeOf(document, image)));
  action.isPreferred = true;
  return action;
}

function allAction(
  document: vscode.TextDocument,
  count: number,
  kind: vscode.CodeActionKind,
): vscode.CodeAction {
  const title = `Generate All Missing Images of This File (${count})`;
  const action = new vscode.CodeAction(title, kind);
  const command: CommandName = "limner.generateMissingImages";
  action.command = { command, title, arguments: [document.uri] };
  return action;
}
