import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeCode } from "./fakeCode.ts";

const code = vi.hoisted(() => ({ current: undefined as FakeCode | undefined }));
vi.mock("vscode", () => ({
  get window() {
    return code.current?.window;
  },
  get commands() {
    return code.current?.commands;
  },
  get workspace() {
    return code.current?.workspace;
  },
}));

const { activate } = await import("../../src/extension/extension.ts");
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
let fake: FakeCode;
beforeEach(() => {
  fake = new FakeCode();
  code.current = fake;
});

test("shows its log", () => {
  activate(fake.context(manifest));
  fake.registered.commands.get("limner.showLog")?.();
  expect(fake.shown).toEqual(["Limner"]);
  expect(fake.logged.at(-1)).toBe(`Limner ${manifest.version} is active.`);
});

test("leaves nothing behind", () => {
  const context = fake.context(manifest);
  activate(context);
  for (const subscription of context.subscriptions) subscription.dispose();
  expect(fake.registered.commands.size).toBe(0);
});
