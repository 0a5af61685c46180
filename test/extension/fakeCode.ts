import type { ExtensionContext } from "vscode";

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
  /** Names of the output channels that were shown. */
  readonly shown: string[] = [];
  readonly logged: string[] = [];

  readonly window = {
    createOutputChannel: (name: string, options: { log: true }) => ({
      name,
      log: options.log,
      show: () => this.shown.push(name),
      info: (line: string) => this.logged.push(line),
      dispose: () => {},
    }),
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

  readonly workspace = {
    getConfiguration: () => ({ get: (name: string) => this.configuration.get(name) }),
  };

  /** What VS Code hands to `activate`. */
  context(manifest: unknown): ExtensionContext {
    const partial = { subscriptions: [] as { dispose(): void }[], extension: { packageJSON: manifest } };
    return partial as unknown as ExtensionContext;
  }
}
