// Draws for the pictures of the panel that the README and the documentation show: they are made here, and nowhere else.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { limnerInCode } from "./support/limnerInCode.ts";
import { panelFrame } from "./support/panelFrame.ts";
import { patience, themes, useTheme } from "./support/panelLook.ts";

const prompts = [
  "a large yellow star on a purple background",
  "a green triangle on a white background",
  "a large red heart on a pink background",
  "a cyan ring on a black background",
  "an orange square on a blue background",
  "a large white crescent on a black background",
  "a small blue circle on a yellow background",
  "a large purple cross on a green background",
  "a large pink ring on a blue background",
];

const code = limnerInCode({
  settings: { "limner.assets.pattern": "art/${slug}.png", "explorer.compactFolders": false },
  prepare({ workspace }) {
    const lines = prompts.map((prompt) => `![${prompt}](art/${prompt.split(" ").slice(1, 4).join("-")}.png)`);
    writeFileSync(join(workspace, "assets.md"), `# Assets\n\n${lines.join("\n\n")}\n`);
  },
});

test("the gallery has what was drawn for a document, and new images come to it", async () => {
  const { window } = code;
  await window.openFile("assets.md");
  await window.runCommand("Limner: Generate Missing Images of This File");
  await window.runCommand("Limner: Open Panel");
  const frame = await panelFrame(window);
  const count = frame.locator(".gallery .count");
  await expect.poll(() => count.textContent(), patience).toBe(`${prompts.length} images`);

  await frame.locator('[data-field="prompt"] textarea').fill("a large green star on a black background");
  await frame.getByRole("button", { name: /^Generate/ }).click();
  await expect.poll(() => count.textContent(), patience).toBe(`${prompts.length + 1} images`);
  await frame.locator(".tile").first().click();
});

test.each(themes)("$name", async (theme) => {
  const { window } = code;
  const frame = await useTheme(code, theme);
  await frame.locator('[data-field="steps"] input').fill("400");
  await frame.getByRole("button", { name: /^Generate/ }).click();
  await frame.locator(".job.running img.preview").waitFor(patience);
  // It shows what it will be.
  await frame
    .locator(".job.running")
    .filter({ hasText: /Step (1\d\d|[4-9]\d) of/ })
    .waitFor(patience);
  await expect
    .poll(() => frame.locator(".tile-picture img").evaluateAll((all) => all.length), patience)
    .toBeGreaterThanOrEqual(prompts.length);
  await window.screenshot(`README-${theme.kind}`);
  await frame
    .locator(".job.running")
    .getByRole("button", { name: /^Cancel/ })
    .click();
  await frame.locator(".job.running").waitFor({ state: "detached" });
});
