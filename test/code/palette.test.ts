import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { readParameters } from "../../src/images/parametersReading.ts";
import { type CodeServer, startCodeServer } from "./support/codeServer.ts";
import { CodeWindow } from "./support/codeWindow.ts";
import { packagedLimner } from "./support/packagedLimner.ts";

const prompt = "a large red circle on a blue background";

let server: CodeServer;
let window: CodeWindow;
beforeAll(async () => {
  server = await startCodeServer({ vsix: packagedLimner });
  writeFileSync(join(server.workspace, "notes.md"), "# Notes\n\n");
  window = await CodeWindow.open(server);
});
afterEach(({ task }) => window.screenshot(task.name.replaceAll(/\W+/g, "-")));
afterAll(async () => {
  await window?.close();
  await server?.stop();
});

const generated = () => {
  const folder = join(server.workspace, "assets", "generated");
  return existsSync(folder) ? readdirSync(folder) : [];
};

test("a prompt becomes a file of the workspace, shown beside and named in the document", async () => {
  await window.openFile("notes.md");
  await window.page.keyboard.press("Control+End");
  await window.runCommand("Limner: Generate Image…");
  await window.answer(prompt);
  await window.tab(/^a-large-red-circle.*\.png/).waitFor();

  const [file = ""] = generated();
  expect(generated()).toEqual([expect.stringMatching(/^a-large-red-circle-on-a-blue-background-\d+\.png$/)]);
  const found = await readParameters(join(server.workspace, "assets", "generated", file));
  expect(found?.request.prompt).toBe(prompt);
  await window.editorLine(`![${prompt}](assets/generated/${file})`).waitFor();
});

test("one undo takes the line back", async () => {
  await window.page.keyboard.press("Control+z");
  await window.editorLine("![").waitFor({ state: "detached" });
  await window.page.keyboard.press("Control+s");
  await vi.waitFor(() =>
    expect(readFileSync(join(server.workspace, "notes.md"), "utf8")).toBe("# Notes\n\n"),
  );
});
