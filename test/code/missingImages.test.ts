import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { limnerInCode } from "./support/limnerInCode.ts";

const code = limnerInCode({
  prepare({ workspace }) {
    mkdirSync(join(workspace, "docs"));
    const text = [
      "# Shapes",
      "",
      "![a red circle on a blue background](img/circle.png)",
      "",
      '<img src="/img/star.webp" alt="a yellow star" width="64" height="64">',
      "",
      "![a remote image](https://example.org/a.png)",
      "",
    ].join("\n");
    writeFileSync(join(workspace, "docs", "shapes.md"), text);
  },
});

/** The underlined parts of the editor that warn. */
const warnings = () => code.window.page.locator(".monaco-editor .squiggly-warning");

const circle = () => join(code.server.workspace, "docs", "img", "circle.png");
const star = () => join(code.server.workspace, "img", "star.webp");

/**
 * Goes from warning to warning until the quick fixes at one of them have this title, and takes it. What VS Code does with
 * keys that come before it has asked for the fixes is not certain: then it is asked again.
 */
async function quickFix(title: string | RegExp): Promise<void> {
  const { keyboard } = code.window.page;
  const entry = code.window.page.locator(".action-widget .monaco-list-row").filter({ hasText: title });
  for (const end = Date.now() + 120_000; Date.now() < end; await keyboard.press("Escape")) {
    await keyboard.press("F8");
    await code.window.screenshot("missing-images-warning");
    await keyboard.press("Escape");
    await keyboard.press("Control+.");
    const isTaken = entry.first().click({ timeout: 10_000 });
    if (await isTaken.then(() => true).catch(() => false)) return;
  }
  throw new Error(`No quick fix is called ${title}.`);
}

test("a warning at each missing image goes away when a quick fix draws it", async () => {
  await code.window.openFile("shapes.md");
  await expect.poll(() => warnings().count(), { timeout: 60_000 }).toBe(2);
  await quickFix("Generate “a red circle on a blue background”");
  await expect.poll(() => existsSync(circle()), { timeout: 120_000 }).toBe(true);
  await expect.poll(() => warnings().count(), { timeout: 60_000 }).toBe(1);
  const { format, width, height } = await sharp(circle()).metadata();
  expect([format, width, height]).toEqual(["png", 128, 128]);
});

test("all that are missing are drawn at their paths, in their formats and sizes", async () => {
  await code.window.runCommand("Limner: Generate Missing Images of This File");
  await expect.poll(() => existsSync(star()), { timeout: 120_000 }).toBe(true);
  await expect.poll(() => warnings().count(), { timeout: 60_000 }).toBe(0);
  const { format, width, height } = await sharp(star()).metadata();
  expect([format, width, height]).toEqual(["webp", 64, 64]);
});
