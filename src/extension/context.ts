import { join } from "node:path";
import * as vscode from "vscode";
import { failureOf, remedyOf } from "./failure.ts";
import { HubToken } from "./getModel/hubToken.ts";
import { HostSession, type SessionClient } from "./host/hostSession.ts";
import { LastEditor } from "./insertion/lastEditor.ts";
import { createLog, hostLogLevel, logOfHost } from "./log.ts";
import { MissingImageDiagnostics } from "./missingImages/diagnostics.ts";
import { nextTurn } from "./nextTurn.ts";
import { PanelSlot } from "./panel/panelSlot.ts";
import { PromptHistory } from "./questions/promptHistory.ts";
import { StatusBar } from "./statusBar.ts";
import { workspaceFolders } from "./targets/workspaceFolders.ts";

/** What the extension owns while it is active. */
export class LimnerContext implements vscode.Disposable {
  readonly log = createLog();
  readonly history: PromptHistory;
  readonly host: HostSession;
  readonly hubToken: HubToken;
  readonly missingImages = new MissingImageDiagnostics();
  readonly panel = new PanelSlot();
  readonly lastEditor = new LastEditor();
  readonly #statusBar = new StatusBar();
  readonly #extension: vscode.ExtensionContext;
  /** Folders outside the workspace that the user chose to write to. */
  readonly #chosenFolders = new Set<string>();

  constructor(extension: vscode.ExtensionContext) {
    this.#extension = extension;
    this.history = new PromptHistory(extension.globalState);
    this.hubToken = new HubToken(extension.secrets, () => void this.#hubTokenChanged());
    this.host = new HostSession({
      createClient: () => this.#createClient(),
      onLog: (entry) => logOfHost(this.log, entry),
      onHealth: (health) => this.#statusBar.show(health),
    });
  }

  get version(): string {
    return String(this.#extension.extension.packageJSON.version);
  }

  /** Where images are that the user has not saved yet, because no folder is open. */
  get unsavedImages(): string {
    return join(this.#extension.globalStorageUri.fsPath, "unsaved");
  }

  /** Where the extension is installed. */
  get folder(): vscode.Uri {
    return this.#extension.extensionUri;
  }

  /** Limner's own folder for this workspace; without one, for the user. */
  get storage(): vscode.Uri {
    return this.#extension.storageUri ?? this.#extension.globalStorageUri;
  }

  /** The folders that the host may write to have changed. */
  foldersChanged(): void {
    this.host.setRoots(this.#roots());
  }

  /** Folders outside the workspace that the host may write to. */
  get chosenFolders(): readonly string[] {
    return [...this.#chosenFolders];
  }

  /** Allows the host to write to a folder that the user has chosen. */
  allowFolder(folder: string): void {
    this.#chosenFolders.add(folder);
    this.foldersChanged();
  }

  /** Tells the user of a failure, as far as it concerns the user. */
  async report(error: unknown): Promise<void> {
    const failure = failureOf(error);
    if (failure.kind === "silent") return;
    this.log.error(failure.kind === "logged" ? failure.details : failure.sentence);
    const button = remedyOf(failure);
    const chosen = await vscode.window.showErrorMessage(failure.sentence, button.title);
    if (chosen === button.title) await vscode.commands.executeCommand(button.command);
  }

  dispose(): void {
    this.panel.dispose();
    this.lastEditor.dispose();
    this.host.dispose();
    this.hubToken.dispose();
    this.missingImages.dispose();
    this.#statusBar.dispose();
    this.log.dispose();
  }

  /** A connection keeps the token that it was made with. */
  async #hubTokenChanged(): Promise<void> {
    if (this.host.running === 0) return this.host.reconnect();
    const sentence = "The hub token counts from Limner's next connection to its host: restart it, or wait.";
    void vscode.window.showInformationMessage(sentence);
  }

  #roots(): string[] {
    return [...workspaceFolders(), ...this.#chosenFolders];
  }

  async #createClient(): Promise<SessionClient> {
    const hubToken = await this.hubToken.get();
    const { HostClient } = await import("../client/hostClient.ts");
    await nextTurn();
    const { hostEnvironment } = await import("./host/hostEnvironment.ts");
    const { readProxySettings, readSetting } = await import("./settings.ts");
    const node = readSetting("limner.host.node");
    return new HostClient({
      name: vscode.env.appName,
      packageFolder: this.#extension.extensionPath,
      version: this.version,
      roots: this.#roots(),
      hubToken,
      logLevel: hostLogLevel(this.log),
      node: node === "" ? undefined : node,
      env: hostEnvironment({
        backend: readSetting("limner.runtime.backend"),
        library: readSetting("limner.runtime.library"),
        ...readProxySettings(),
      }),
    });
  }
}
