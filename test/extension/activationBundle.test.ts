import { readFileSync, statSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { expect, test } from "vitest";
import type { activate } from "../../src/extension/extension.ts";
import { FakeCode } from "./fakeCode.ts";

const require = createRequire(import.meta.url);
const bundle = resolve("dist/extension.cjs");

/** Has `require("vscode")` give this, as VS Code does. */
function provideCode(code: FakeCode): void {
  const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => (request === "vscode" ? code : load(request, ...rest));
}

const loaded = () => Object.keys(require.cache).filter((file) => dirname(file) === dirname(bundle));

// VS Code waits while this is read: zod alone is 100 kB, readers of Markdown and HTML twice as much.
test("activation reads a small part of the bundled extension, commands the rest", async () => {
  const code = new FakeCode();
  provideCode(code);
  const extension = require(bundle) as { activate: typeof activate };
  const context = code.context(JSON.parse(readFileSync("package.json", "utf8")));
  extension.activate(context);
  const atOnce = loaded();
  expect(atOnce).toContain(bundle);
  expect(atOnce.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(40_000);

  await code.registered.commands.get("limner.cancelAll")?.();
  expect(loaded().length).toBeGreaterThan(atOnce.length);
  for (const subscription of context.subscriptions) subscription.dispose();
});
