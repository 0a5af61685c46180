import * as vscode from "vscode";
import { imageExtensions } from "../targets/assetTarget.ts";
import { isWatched, referencesOf } from "./languages.ts";
import { type MissingImage, missingOf } from "./missingImage.ts";

/** How long a document is left alone after a change, in milliseconds. */
const pause = 300;

/** Files whose coming and going is watched: those that can be drawn, and others that documents show. */
const watched = `**/*.{${[...imageExtensions.map((name) => name.slice(1)), "gif", "svg", "bmp", "ico"].join(",")}}`;

/** What the warnings are called, beside their text. */
const code = "missing-image";

/**
 * Warnings at the images that open Markdown and HTML documents name and that do not exist. They follow edits, and files
 * that come and go.
 */
export class MissingImageDiagnostics implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection("limner");
  readonly #missing = new Map<string, readonly MissingImage[]>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #subscriptions: vscode.Disposable[];

  constructor() {
    const { workspace, window } = vscode;
    const files = workspace.createFileSystemWatcher(watched, false, true, false);
    const later = (document: vscode.TextDocument) => this.#checkLater(document);
    this.#subscriptions = [
      this.#collection,
      files,
      files.onDidCreate(() => this.#checkAll()),
      files.onDidDelete(() => this.#checkAll()),
      // Whole folders come and go without an event for each of their files.
      workspace.onDidCreateFiles(() => this.#checkAll()),
      workspace.onDidDeleteFiles(() => this.#checkAll()),
      workspace.onDidRenameFiles(() => this.#checkAll()),
      workspace.onDidChangeWorkspaceFolders(() => this.#checkAll()),
      workspace.onDidOpenTextDocument(later),
      workspace.onDidChangeTextDocument(({ document }) => later(document)),
      workspace.onDidCloseTextDocument((document) => this.#forget(document)),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("limner.missingImages.enabled")) this.#checkAll();
      }),
      // What is outside the workspace is not watched: it is looked at again when the user comes back to it.
      window.onDidChangeActiveTextEditor((editor) => editor && later(editor.document)),
      window.onDidChangeWindowState(({ focused }) => focused && this.#checkAll()),
    ];
    this.#checkAll();
  }

  /** The missing images of a document, as of its last check. */
  of(document: vscode.TextDocument): readonly MissingImage[] {
    return this.#missing.get(document.uri.toString()) ?? [];
  }

  /** Looks at a document now. @returns its missing images */
  async check(document: vscode.TextDocument): Promise<readonly MissingImage[]> {
    this.#cancel(document);
    if (!isWatched(document) || document.isClosed) return [];
    const { readSetting } = await import("../settings.ts");
    const { version, uri } = document;
    const isWanted = readSetting("limner.missingImages.enabled", document);
    const missing = await missingOf(await referencesOf(document.languageId, document.getText()), {
      document: uri.fsPath,
      root: vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath,
    });
    // It was edited or closed meanwhile: another check is on its way, or none is needed.
    if (document.isClosed || document.version !== version) return missing;
    this.#missing.set(uri.toString(), missing);
    this.#collection.set(uri, isWanted ? missing.map((image) => diagnosticOf(document, image)) : []);
    return missing;
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #checkAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#checkLater(document);
  }

  #checkLater(document: vscode.TextDocument): void {
    if (!isWatched(document)) return;
    this.#cancel(document);
    this.#timers.set(
      document.uri.toString(),
      setTimeout(() => void this.check(document), pause),
    );
  }

  #cancel({ uri }: vscode.TextDocument): void {
    clearTimeout(this.#timers.get(uri.toString()));
    this.#timers.delete(uri.toString());
  }

  #forget(document: vscode.TextDocument): void {
    this.#cancel(document);
    this.#missing.delete(document.uri.toString());
    this.#collection.delete(document.uri);
  }
}

function diagnosticOf(document: vscode.TextDocument, image: MissingImage): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(
    rangeOf(document, image),
    `The image ${image.address} does not exist.`,
    vscode.DiagnosticSeverity.Warning,
  );
  diagnostic.source = "Limner";
  diagnostic.code = code;
  return diagnostic;
}

/** Where a document names an image. */
export function rangeOf(document: vscode.TextDocument, { start, end }: MissingImage): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
