import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ExtensionContext } from "vscode";

const registered = new Map<string, () => unknown>();
const shown: string[] = [];
const lines: string[] = [];

vi.mock("vscode", () => ({
  window: {
    createOutputChannel: (name: string, options: { log: true }) => ({
      name,
      log: options.log,
      show: () => shown.push(name),
      info: (line: string) => lines.push(line),
      dispose: () => {},
    }),
  },
  commands: {
    registerCommand: (name: string, handler: () => unknown) => {
      registered.set(name, handler);
      return { dispose: () => registered.delete(name) };
    },
  },
}));

const { activate } = await import("../../src/extension/extension.ts");
const manifest = JSON.parse(readFileSync("package.json", "utf8"));

function context(): ExtensionContext {
  const partial = { subscriptions: [] as { dispose(): void }[], extension: { packageJSON: manifest } };
  return partial as unknown as ExtensionContext;
}

describe("the extension", () => {
  beforeEach(() => {
    registered.clear();
    shown.length = 0;
  });

  it("registers exactly the commands that the manifest contributes", () => {
    activate(context());
    const contributed = manifest.contributes.commands.map((command: { command: string }) => command.command);
    expect([...registered.keys()].sort()).toEqual(contributed.sort());
  });

  it("shows its log", () => {
    activate(context());
    registered.get("limner.showLog")?.();
    expect(shown).toEqual(["Limner"]);
    expect(lines.at(-1)).toBe(`Limner ${manifest.version} is active.`);
  });

  it("leaves nothing behind", () => {
    const own = context();
    activate(own);
    for (const subscription of own.subscriptions) subscription.dispose();
    expect(registered.size).toBe(0);
  });
});
