import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeCode } from "./fakeCode.ts";

const code = vi.hoisted(() => ({ current: undefined as FakeCode | undefined }));
vi.mock("vscode", async () => {
  const { FakeCode } = await import("./fakeCode.ts");
  // Each test has a VS Code of its own; what it has is asked for at every use.
  const names = Object.keys(new FakeCode()) as (keyof FakeCode)[];
  const current = (name: keyof FakeCode) => ({ enumerable: true, get: () => code.current?.[name] });
  return Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, current(name)])));
});

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

test("starts no host and asks for nothing when it is activated", () => {
  activate(fake.context(manifest));
  expect(fake.statusTexts).toEqual(["$(paintcan) Limner"]);
  expect(fake.messages).toEqual([]);
});

test("tells of a host that cannot be started, and offers to start it again", async () => {
  activate(fake.context(manifest));
  await fake.registered.commands.get("limner.selectModel")?.();
  const [[sentence, button] = []] = fake.messages;
  expect(sentence).toContain("host.js is missing: install Limner again.");
  expect(button).toBe("Restart Host");
  expect(fake.logged.at(-1)).toBe(sentence);
});

test("gives terminals the command line", () => {
  activate(fake.context(manifest));
  expect(fake.prepended.get("PATH")).toBe(`${join("/nowhere/limner", "bin", "terminal")}${delimiter}`);
});

test("says that there is nothing to cancel", async () => {
  activate(fake.context(manifest));
  await fake.registered.commands.get("limner.cancelAll")?.();
  expect(fake.messages).toEqual([["Limner has nothing to cancel."]]);
});

test("asks for an image where a command has none", async () => {
  activate(fake.context(manifest));
  await fake.registered.commands.get("limner.imageToImage")?.();
  expect(fake.messages).toEqual([
    ["Open an image, or right-click one in the explorer: PNG, JPEG, WebP or AVIF."],
  ]);
});
