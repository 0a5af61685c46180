import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { expect, test } from "vitest";
import { limnerInCode } from "./support/limnerInCode.ts";
import { panelFrame } from "./support/panelFrame.ts";
import { patience, seriousViolations, themes, useTheme } from "./support/panelLook.ts";

const code = limnerInCode({
  settings: { "limner.assets.pattern": "${slug}-${seed}.png" },
});

/** What has the focus: its label, and the job that it is in. */
function focused(frame: Frame) {
  return frame.evaluate(() => {
    const outer = document.activeElement;
    const own = outer && "label" in outer && typeof outer.label === "string" ? outer.label : undefined;
    const label = own ?? outer?.getAttribute("aria-label") ?? outer?.textContent;
    return { label: label?.trim(), job: outer?.closest("[data-job]")?.getAttribute("data-job") ?? undefined };
  });
}

/** Presses Tab until a control has the focus. */
async function tabTo(frame: Frame, label: string | RegExp, job?: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    const now = await focused(frame);
    const isIt = typeof label === "string" ? now.label === label : label.test(now.label ?? "");
    if (isIt && (job === undefined || now.job === job)) return;
    await code.window.page.keyboard.press("Tab");
  }
  throw new Error(`Tab never came to ${label}.`);
}

/** Types in place of a line. VS Code's own Ctrl+A comes to a webview late, in the middle of what is typed after it. */
async function replaceText(text: string): Promise<void> {
  await code.window.page.keyboard.press("End");
  await code.window.page.keyboard.press("Shift+Home");
  await code.window.page.keyboard.type(text);
}

const images = () => readdirSync(code.server.workspace).filter((name) => name.endsWith(".png"));

test("a batch of three is drawn with previews, and one of it cancelled, by keyboard alone", async () => {
  const { keyboard } = code.window.page;
  await code.window.runCommand("Limner: Open Panel");
  const frame = await panelFrame(code.window);
  await expect
    .poll(() => frame.locator('[data-field="steps"]').getAttribute("placeholder"), patience)
    .toBe("20 (model's own)");
  await tabTo(frame, "Prompt");
  await keyboard.type("a large red circle on a blue background");
  await expect
    .poll(() => frame.locator(".tokens").first().textContent(), patience)
    .toMatch(/8 of \d+ tokens/);
  await tabTo(frame, "Steps");
  await keyboard.type("200");
  await tabTo(frame, "Images");
  await replaceText("3");
  await keyboard.press("Control+Enter");

  const jobs = frame.locator("ol[aria-label=Queue] .job");
  await expect.poll(() => jobs.count(), patience).toBe(3);
  await frame.locator(".job.running img.preview").waitFor(patience);
  await code.window.screenshot("panel-preview");
  const last = (await jobs.last().getAttribute("data-job")) ?? "";
  await tabTo(frame, "Draw sooner (Alt+Up)", last);
  await keyboard.press("Alt+ArrowUp");
  await expect.poll(() => jobs.nth(1).getAttribute("data-job"), patience).toBe(last);
  await tabTo(frame, "Cancel (Delete)", last);
  await keyboard.press("Enter");
  await expect.poll(() => frame.locator(`[data-job="${last}"].cancelled`).count(), patience).toBe(1);
  await expect.poll(() => frame.locator(".job.done .picture img").count(), patience).toBe(2);
  expect(await jobs.count()).toBe(0);
  expect(images()).toHaveLength(2);
  await expect.poll(() => frame.locator(".gallery .tile").count(), patience).toBe(2);
});

test("the parameters of an image in the gallery fill the composer, and draw the same bytes", async () => {
  const frame = await panelFrame(code.window);
  const before = images();
  await expect.poll(() => frame.locator(".tile img").count(), patience).toBe(2);
  await tabTo(frame, /^a large red circle on a blue background, /);
  await tabTo(frame, "Reuse its parameters");
  await code.window.page.keyboard.press("Enter");
  await expect
    .poll(
      () => frame.locator('[data-field="seed"]').evaluate((field) => "value" in field && field.value),
      patience,
    )
    .not.toBe("");
  await expect.poll(() => frame.getByRole("status").textContent(), patience).toContain("filled in");
  const seed = await frame
    .locator('[data-field="seed"]')
    .evaluate((field) => ("value" in field ? field.value : ""));
  await code.window.page.keyboard.press("Control+Enter");
  await expect.poll(() => images().length, patience).toBe(3);
  await expect.poll(() => frame.locator(".job.done").count(), patience).toBe(3);
  const bytes = (name: string) => readFileSync(join(code.server.workspace, name));
  const again = images().find((name) => !before.includes(name)) ?? "";
  const first = before.find((name) => name.includes(String(seed))) ?? "";
  expect(bytes(again).equals(bytes(first))).toBe(true);
});

test("what is wrong with a request is said beside its field", async () => {
  const frame = await panelFrame(code.window);
  await frame.locator('[data-field="steps"]').click();
  await replaceText("0");
  await code.window.page.keyboard.press("Control+Enter");
  const problem = frame.locator(".field-steps .problem");
  expect(await problem.textContent()).toBe("The smallest that is possible is 1.");
  await replaceText("20");
  await problem.waitFor({ state: "detached" });
});

test("Inpaint… opens the picture with the mask brush, and draws beside it", async () => {
  const [file = ""] = images();
  await code.window.explorerMenu(file, "Limner", "Inpaint…");
  const frame = await panelFrame(code.window);
  const canvas = frame.locator(".mask-stage canvas").first();
  await canvas.focus();
  for (const key of ["]", "]", "Space", "ArrowRight", "Space"]) await code.window.page.keyboard.press(key);
  await code.window.screenshot("panel-mask");
  const before = images().length;
  await code.window.page.keyboard.press("Control+Enter");
  await expect.poll(() => images().length, patience).toBe(before + 1);
});

test.each(themes)("$name: axe finds nothing serious", async (theme) => {
  const frame = await useTheme(code, theme);
  const found = await seriousViolations(frame);
  await code.window.screenshot(`panel-${theme.name.replaceAll(" ", "-")}`);
  expect(found).toEqual([]);
});
