import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CodeServer, startCodeServer } from "./support/codeServer.ts";
import { runInExtensionHost } from "./support/extensionHost.ts";

let server: CodeServer;
beforeAll(async () => {
  server = await startCodeServer();
});
afterAll(() => server?.stop());

test("test/electron passes in the extension host", async () => {
  const suite = join(process.cwd(), "test", "electron", "suite", "index.cjs");
  const { code, output } = await runInExtensionHost(server, process.cwd(), suite);
  // Of all that VS Code logs, what mocha printed.
  console.log(output.slice(output.lastIndexOf("\n  Limner in VS Code")));
  expect(code, output).toBe(0);
  expect(Number(/(\d+) passing/.exec(output)?.[1])).toBeGreaterThan(0);
});
