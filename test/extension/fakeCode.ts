import type { ExtensionContext } from "vscode";

const nothing = { dispose: () => {} };
const listen = () => nothing;

/** An address of a file. */
export class FakeUri {
  readonly scheme = "file";
  readonly path: string;
  readonly fsPath: string;

  private constructor(path: string) {
    this.path = path;
    this.fsPath = path;
  }

  static file(path: string): FakeUri {
    return new FakeUri(path);
  }

  toString(): string {
    return `file://${this.path}`;
  }
}

type Handler = (...parameters: readonly unknown[]) => unknown;

/** What an extension registered with VS Code and has not taken back. */
export interface Registrations {
  readonly commands: Map<string, Handler>;
  /** Types of webview panels that have a serializer. */
  readonly panels: Set<string>;
  /** Keys of `when` clauses that were given a value. */
  readonly contextKeys: Set<string>;
}

/** The part of VS Code that the extension uses, which notes what is registered and shown. */
export class FakeCode {
  readonly registered: Registrations = { commands: new Map(), panels: new Set(), contextKeys: new Set() };
  /** Values of settings, by their whole name. */
  readonly configuration = new Map<string, unknown>();
  /** What terminals get in front of a variable. */
  readonly prepended = new Map<string, string>();
  /** Names of the output channels that were shown. */
  readonly shown: string[] = [];
  readonly logged: string[] = [];
  /** Sentences that popped up, with their buttons. */
  readonly messages: string[][] = [];
  /** Texts of the status bar's item, the newest last. */
  readonly statusTexts: string[] = [];

  readonly Uri = FakeUri;
  readonly StatusBarAlignment = { Left: 1, Right: 2 };
  readonly LogLevel = { Off: 0, Trace: 1, Debug: 2, Info: 3, Warning: 4, Error: 5 };
  readonly ConfigurationTarget = { Global: 1, Workspace: 2 };
  readonly ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 };
  readonly ViewColumn = { Beside: -2 };
  readonly TabInputCustom = class {};
  readonly ThemeColor = class {};
  readonly env = { appName: "Fake Code" };

  readonly window = {
    createOutputChannel: (name: string, options: { log: true }) => ({
      name,
      log: options.log,
      show: () => this.shown.push(name),
      info: (line: string) => this.logged.push(line),
      warn: (line: string) => this.logged.push(line),
      error: (line: string) => this.logged.push(line),
      dispose: () => {},
    }),
    createStatusBarItem: () => {
      const { statusTexts } = this;
      return {
        show: () => {},
        dispose: () => {},
        set text(value: string) {
          statusTexts.push(value);
        },
      };
    },
    showErrorMessage: async (sentence: string, ...buttons: readonly string[]) => {
      this.messages.push([sentence, ...buttons]);
    },
    showInformationMessage: async (sentence: string, ...buttons: readonly string[]) => {
      this.messages.push([sentence, ...buttons]);
    },
    setStatusBarMessage: (sentence: string) => {
      this.messages.push([sentence]);
      return nothing;
    },
    activeTextEditor: undefined,
    onDidChangeActiveTextEditor: listen,
    onDidChangeWindowState: listen,
    tabGroups: { activeTabGroup: { activeTab: undefined } },
    registerWebviewPanelSerializer: (type: string) => {
      this.registered.panels.add(type);
      return { dispose: () => this.registered.panels.delete(type) };
    },
  };

  readonly commands = {
    registerCommand: (name: string, handler: Handler) => {
      if (this.registered.commands.has(name)) throw new Error(`command '${name}' already exists`);
      this.registered.commands.set(name, handler);
      return { dispose: () => this.registered.commands.delete(name) };
    },
    executeCommand: async (name: string, ...parameters: readonly unknown[]) => {
      if (name !== "setContext") return this.registered.commands.get(name)?.(...parameters);
      this.registered.contextKeys.add(String(parameters[0]));
      return undefined;
    },
  };

  readonly CodeActionKind = { QuickFix: "quickfix", Source: { append: (name: string) => `source.${name}` } };

  readonly languages = {
    createDiagnosticCollection: () => nothing,
    registerCodeActionsProvider: () => nothing,
  };

  readonly workspace = {
    getConfiguration: () => ({ get: (name: string) => this.configuration.get(name) }),
    workspaceFolders: undefined,
    textDocuments: [],
    onDidChangeWorkspaceFolders: listen,
    onDidChangeConfiguration: listen,
    onDidOpenTextDocument: listen,
    onDidChangeTextDocument: listen,
    onDidCloseTextDocument: listen,
    onDidCreateFiles: listen,
    onDidDeleteFiles: listen,
    onDidRenameFiles: listen,
    findFiles: async () => [],
    createFileSystemWatcher: () => ({ ...nothing, onDidCreate: listen, onDidDelete: listen }),
  };

  /** What VS Code hands to `activate`. */
  context(manifest: unknown): ExtensionContext {
    const state = new Map<string, unknown>();
    const partial = {
      subscriptions: [] as { dispose(): void }[],
      extension: { packageJSON: manifest },
      extensionPath: "/nowhere/limner",
      environmentVariableCollection: {
        prepend: (name: string, value: string) => this.prepended.set(name, value),
      },
      secrets: { onDidChange: listen, get: async () => undefined },
      globalState: {
        get: (key: string) => state.get(key),
        update: async (key: string, value: unknown) => void state.set(key, value),
      },
    };
    return partial as unknown as ExtensionContext;
  }
}
