import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { readParameters } from "../../src/images/parametersReading.ts";
import { limnerInCode } from "./support/limnerInCode.ts";

const prompt = "a large red circle on a blue background";

const code = limnerInCode({
  prepare({ workspace }) {
    writeFileSync(join(workspace, "notes.md"), "# Notes\n\n");
  },
});

const generated = () => {
  const folder = join(code.server.workspace, "assets", "generated");
  return existsSync(folder) ? readdirSync(folder) : [];
};

test("a prompt becomes a file of the workspace, shown beside and named in the document", async () => {
  await code.window.openFile("notes.md");
  await code.window.page.keyboard.press("Control+End");
  await code.window.runCommand("Limner: Generate Image…");
  await code.window.answer(prompt);
  await code.window.tab(/^a-large-red-circle.*\.png/).waitFor();

  const [file = ""] = generated();
  expect(generated()).toEqual([expect.stringMatching(/^a-large-red-circle-on-a-blue-background-\d+\.png$/)]);
  const found = await readParameters(join(code.server.workspace, "assets", "generated", file));
  expect(found?.request.prompt).toBe(prompt);
  await code.window.editorLine(`![${prompt}](assets/generated/${file})`).waitFor();
});

test("one undo takes the line back", async () => {
  await code.window.page.keyboard.press("Control+z");
  await code.window.editorLine("![").waitFor({ state: "detached" });
  await code.window.page.keyboard.press("Control+s");
  await vi.waitFor(
    () => expect(readFileSync(join(code.server.workspace, "notes.md"), "utf8")).toBe("# Notes\n\n"),
    60_000,
  );
});
