import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type CodeServer, startCodeServer } from "./support/codeServer.ts";
import { CodeWindow } from "./support/codeWindow.ts";
import { packagedLimner } from "./support/packagedLimner.ts";

let server: CodeServer;
let window: CodeWindow;
beforeAll(async () => {
  server = await startCodeServer({ vsix: packagedLimner });
  window = await CodeWindow.open(server);
});
afterEach(({ task }) => window.screenshot(task.name.replaceAll(/\W+/g, "-")));
afterAll(async () => {
  await window?.close();
  await server?.stop();
});

test("the palette shows the log of the installed package", async () => {
  await window.runCommand("Limner: Show Log");
  const lines = await window.outputWith("is active.");
  expect(lines.join("\n")).toMatch(/\[info\] Limner \d+\.\d+\.\d+ is active\./);
});
