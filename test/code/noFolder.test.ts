import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { readParameters } from "../../src/images/parametersReading.ts";
import { limnerInCode } from "./support/limnerInCode.ts";
import { panelFrame } from "./support/panelFrame.ts";

const code = limnerInCode({ opensFolder: false });

const prompt = "a yellow ring on a black background";

test("without a folder an image is kept unsaved until it is saved by a name", async () => {
  const { window, server } = code;
  await window.runCommand("Limner: Generate Image…");
  await window.answer(prompt);
  await window.answer("Keep Images Unsaved");
  await window.tab(/^a-yellow-ring/).waitFor();

  const notice = await window.notification("The image is not saved yet.");
  await notice.getByRole("button", { name: "Save As…" }).click();
  const target = join(server.home, "ring.png");
  await window.saveAs(target);
  await vi.waitFor(() => expect(existsSync(target)).toBe(true), { timeout: 60_000, interval: 250 });
  await window.tab("ring.png").waitFor();

  expect((await readParameters(target))?.request.prompt).toBe(prompt);
  expect(readdirSync(server.workspace)).toEqual([]);
});

test("the panel's gallery shows what is unsaved, and offers to open a folder before", async () => {
  const { window } = code;
  await window.runCommand("Limner: Open Panel");
  const frame = await panelFrame(window);
  await frame.getByRole("button", { name: "Open Folder…" }).waitFor();
  await frame.locator('[data-field="prompt"]').click();
  await window.page.keyboard.type("a blue star on a white background");
  await window.page.keyboard.press("Control+Enter");
  const tile = frame.locator(".tile").filter({ hasText: "a blue star on a white background" });
  await tile.locator("img").waitFor();
});
