import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { expect, test } from "vitest";
import { type Picture, writePicture } from "./support/generatedPicture.ts";
import { limnerInCode } from "./support/limnerInCode.ts";
import { panelFrame } from "./support/panelFrame.ts";
import { patience, seriousViolations, themes, useTheme } from "./support/panelLook.ts";

/** The newest last. */
const pictures: readonly (readonly [string, Picture])[] = [
  [
    "art/moon.png",
    {
      request: { prompt: "a white circle on a purple background" },
      disc: [244, 240, 220],
      ground: [74, 52, 122],
    },
  ],
  [
    "art/sun.png",
    {
      request: { prompt: "a yellow circle on a blue background", negativePrompt: "blurry", steps: 12 },
      seed: 4711,
      disc: [250, 205, 60],
      ground: [70, 140, 220],
    },
  ],
  [
    "art/sun-2.png",
    {
      request: {
        prompt: "an orange circle on a blue background",
        images: ["/elsewhere/sun.png"],
        strength: 0.5,
      },
      disc: [245, 140, 40],
      ground: [60, 110, 200],
    },
  ],
  [
    "wide.webp",
    {
      request: { prompt: "a green circle on a wide gray background" },
      width: 768,
      height: 384,
      model: "wide-model",
      disc: [70, 170, 90],
      ground: [150, 156, 164],
    },
  ],
  [
    "rose.jpg",
    {
      request: { prompt: "a pink circle on a dark red background" },
      height: 640,
      disc: [245, 160, 180],
      ground: [120, 24, 40],
    },
  ],
];

const code = limnerInCode({
  settings: { "limner.assets.pattern": "${slug}-${seed}.png" },
  prepare: async ({ workspace }) => {
    for (const [index, [name, picture]] of pictures.entries()) {
      await writePicture(join(workspace, name), { ...picture, changed: 1_700_000_000 + index });
    }
    writeFileSync(join(workspace, "notes.md"), "# Notes\n\n");
  },
});

const inWorkspace = (name: string) => join(code.server.workspace, name);
const tiles = (frame: Frame) => frame.locator(".tile");
const tile = (frame: Frame, prompt: string) => frame.locator(".tile").filter({ hasText: prompt });

/** The prompts in the order of the gallery. */
function prompts(frame: Frame): Promise<string[]> {
  return frame.evaluate(() =>
    Array.from(document.querySelectorAll(".tile"))
      .sort((a, b) => Number(a.getAttribute("aria-posinset")) - Number(b.getAttribute("aria-posinset")))
      .map((one) => one.querySelector(".tile-caption")?.textContent?.split(" ")[1] ?? ""),
  );
}

/** What has the focus, as a screen reader names it. */
function focused(frame: Frame): Promise<string> {
  return frame.evaluate(() => {
    const outer = document.activeElement;
    const own = outer && "label" in outer && typeof outer.label === "string" ? outer.label : undefined;
    return own ?? outer?.getAttribute("aria-label") ?? "";
  });
}

async function tabTo(frame: Frame, label: RegExp): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (label.test(await focused(frame))) return;
    await code.window.page.keyboard.press("Tab");
  }
  throw new Error(`Tab never came to ${label}.`);
}

/** Presses a button of a question that VS Code asks. */
async function answerDialog(button: string): Promise<void> {
  const dialog = code.window.page.locator(".monaco-dialog-box");
  await dialog.getByRole("button", { name: button, exact: true }).click();
}

/** Takes an entry of the menu of an image. */
async function imageMenu(frame: Frame, prompt: string, entry: string): Promise<void> {
  await tile(frame, prompt).click({ button: "right" });
  const item = code.window.page.locator(".monaco-menu .action-item").getByText(entry, { exact: true });
  await item.first().click({ delay: 300 });
}

test("the workspace's images are there, the newest first, with small pictures", async () => {
  await code.window.openFile("notes.md");
  await code.window.page.keyboard.press("Control+End");
  await code.window.runCommand("Limner: Open Panel");
  const frame = await panelFrame(code.window);
  await expect.poll(() => prompts(frame), patience).toEqual(["pink", "green", "orange", "yellow", "white"]);
  await expect.poll(() => frame.locator(".tile img").count(), patience).toBe(5);
  expect(await frame.locator(".gallery .count").textContent()).toBe("5 images");
  const first = tiles(frame).first();
  expect(await first.getAttribute("aria-label")).toBe(
    "a pink circle on a dark red background, rose.jpg, 512 × 640",
  );
});

test("a filter finds words of prompts, file names and models", async () => {
  const frame = await panelFrame(code.window);
  const filterBy = (text: string) => frame.locator(".gallery-filter input").fill(text);
  await filterBy("BLUE circle");
  await expect.poll(() => prompts(frame), patience).toEqual(["orange", "yellow"]);
  expect(await frame.locator(".gallery .count").textContent()).toBe("2 of 5 images");
  await filterBy("art/sun yellow");
  await expect.poll(() => prompts(frame), patience).toEqual(["yellow"]);
  await filterBy("wide-model");
  await expect.poll(() => prompts(frame), patience).toEqual(["green"]);
  await filterBy("elephant");
  await frame.getByText("No image has “elephant”").waitFor();
  await frame.getByRole("button", { name: "Show all" }).click();
  await expect.poll(() => tiles(frame).count(), patience).toBe(5);
});

test("arrow keys go from image to image, Enter opens", async () => {
  const frame = await panelFrame(code.window);
  const { keyboard } = code.window.page;
  await frame.locator(".gallery-filter").click();
  await tabTo(frame, /^a pink circle/);
  const columns = await frame.evaluate(() => {
    const tops = Array.from(document.querySelectorAll(".tile")).map((one) => one.getBoundingClientRect().top);
    return tops.filter((top) => top === tops[0]).length;
  });
  expect(columns).toBeGreaterThan(2);
  await keyboard.press("ArrowRight");
  expect(await focused(frame)).toMatch(/^a green circle/);
  await keyboard.press("End");
  await keyboard.press("Control+End");
  expect(await focused(frame)).toMatch(/^a white circle/);
  await keyboard.press("Home");
  await keyboard.press("Control+Home");
  expect(await focused(frame)).toMatch(/^a pink circle/);
  await keyboard.press("ArrowRight");
  expect(await frame.locator(".details-facts").textContent()).toBe(
    "wide.webp · 768 × 384 · seed 1 · wide-model",
  );
  // One stop of the Tab key: the next is the first button of the details.
  await keyboard.press("Tab");
  expect(await focused(frame)).toBe("Open (Enter)");
  await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await code.window.tab("wide.webp").click({ button: "middle" });
  await code.window.tab("wide.webp").waitFor({ state: "detached" });
});

test("what comes, changes and goes is shown without being asked for", async () => {
  const frame = await panelFrame(code.window);
  const picture: Picture = {
    request: { prompt: "a teal circle on a sand background" },
    disc: [40, 150, 150],
    ground: [230, 210, 160],
  };
  await writePicture(inWorkspace("new/folder/teal.png"), picture);
  await expect.poll(() => prompts(frame), patience).toContain("teal");
  await tile(frame, "teal").locator("img").waitFor();
  const before = await tile(frame, "teal").locator("img").getAttribute("src");
  await writePicture(inWorkspace("new/folder/teal.png"), { ...picture, disc: [200, 40, 40] });
  await expect.poll(() => tile(frame, "teal").locator("img").getAttribute("src"), patience).not.toBe(before);
  rmSync(inWorkspace("new"), { recursive: true });
  await expect.poll(() => prompts(frame), patience).not.toContain("teal");
});

test("of many images those in view are in the page, and the last is a key away", async () => {
  const frame = await panelFrame(code.window);
  const bytes = readFileSync(inWorkspace("art/moon.png"));
  mkdirSync(inWorkspace("many"));
  for (let index = 0; index < 300; index += 1) {
    const name = inWorkspace(`many/${index}.png`);
    writeFileSync(name, bytes);
    utimesSync(name, 1_600_000_000 + index, 1_600_000_000 + index);
  }
  await expect.poll(() => frame.locator(".gallery .count").textContent(), patience).toBe("305 images");
  expect(await tiles(frame).count()).toBeLessThan(60);
  await tile(frame, "a pink circle").click();
  await code.window.page.keyboard.press("Control+End");
  expect(await focused(frame)).toMatch(/, 0\.png, /);
  const last = frame.locator('.tile[aria-posinset="305"]');
  await last.locator("img").waitFor();
  const [grid, box] = await Promise.all([
    frame.locator("limner-image-grid").boundingBox(),
    last.boundingBox(),
  ]);
  if (!grid || !box) throw new Error("The last image is not shown.");
  expect(box.y).toBeGreaterThanOrEqual(grid.y);
  expect(box.y + box.height).toBeLessThanOrEqual(grid.y + grid.height);
  expect(await tiles(frame).count()).toBeLessThan(60);
  // The one that has the focus goes with the others: the next one that is left takes its place.
  rmSync(inWorkspace("many"), { recursive: true });
  await expect.poll(() => prompts(frame), patience).toEqual(["pink", "green", "orange", "yellow", "white"]);
  expect(await focused(frame)).toMatch(/, moon\.png, /);
});

test("the menu of an image opens by keyboard", async () => {
  const frame = await panelFrame(code.window);
  const { keyboard } = code.window.page;
  await tile(frame, "an orange circle").click();
  await keyboard.press("Shift+F10");
  const entries = code.window.page.locator(".monaco-menu .action-label");
  await entries.first().waitFor();
  expect((await entries.allTextContents()).filter((entry) => entry !== "")).toEqual([
    "Open Image",
    "Reveal in Explorer View",
    "Reuse Its Parameters",
    "Begin with This Image",
    "Insert into Text Editor",
    "Select for Compare",
    "Compare with Its Source",
    "Save a Copy As…",
    "Delete",
  ]);
  await code.window.screenshot("gallery-menu");
  for (let presses = 0; presses < 3; presses += 1) await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  const prompt = frame.locator('[data-field="prompt"]');
  await expect
    .poll(() => prompt.evaluate((field) => ("value" in field ? field.value : undefined)), patience)
    .toBe("an orange circle on a blue background");
});

test("the menu of an image fills the composer with its parameters, or begins with it", async () => {
  const frame = await panelFrame(code.window);
  await imageMenu(frame, "a yellow circle", "Reuse Its Parameters");
  const fieldValue = (field: string) =>
    frame
      .locator(`[data-field="${field}"]`)
      .evaluate((element) => ("value" in element ? element.value : undefined));
  await expect.poll(() => fieldValue("prompt"), patience).toBe("a yellow circle on a blue background");
  expect(await fieldValue("negativePrompt")).toBe("blurry");
  expect(await fieldValue("seed")).toBe("4711");
  expect(await fieldValue("steps")).toBe("12");
  await imageMenu(frame, "a pink circle", "Begin with This Image");
  await expect.poll(() => frame.locator(".source-name").textContent(), patience).toBe("rose.jpg");
  await code.window.screenshot("gallery-menu-done");
});

test("an image is named in the document that was edited last", async () => {
  const frame = await panelFrame(code.window);
  await imageMenu(frame, "a white circle", "Insert into Text Editor");
  await code.window.editorLine("art/moon.png").waitFor();
  const line = await code.window.editorLine("art/moon.png").textContent();
  expect(line?.replaceAll("\u00a0", " ")).toBe("![a white circle on a purple background](art/moon.png)");
  await code.window.runCommand("Limner: Open Panel");
});

test("an image is revealed in the explorer", async () => {
  const frame = await panelFrame(code.window);
  await imageMenu(frame, "a white circle", "Reveal in Explorer View");
  await code.window.page
    .locator(".explorer-folders-view .monaco-list-row.selected")
    .filter({ hasText: "moon.png" })
    .waitFor();
});

test("a copy is saved under a name that is asked for", async () => {
  const frame = await panelFrame(code.window);
  await imageMenu(frame, "a white circle", "Save a Copy As…");
  await code.window.saveAs(inWorkspace("copy.png"));
  await expect.poll(() => existsSync(inWorkspace("copy.png")), patience).toBe(true);
  expect(readFileSync(inWorkspace("copy.png")).equals(readFileSync(inWorkspace("art/moon.png")))).toBe(true);
  await expect.poll(() => tiles(frame).count(), patience).toBe(6);
  rmSync(inWorkspace("copy.png"));
  await expect.poll(() => tiles(frame).count(), patience).toBe(5);
});

test("two images are compared with a slider, by keyboard too", async () => {
  const frame = await panelFrame(code.window);
  const { keyboard } = code.window.page;
  await tile(frame, "a yellow circle").click();
  await frame.getByRole("button", { name: "Select for compare" }).click();
  await tile(frame, "a yellow circle").locator(".tile-mark").waitFor();
  await imageMenu(frame, "an orange circle", "Compare with Selected");
  const dialog = frame.getByRole("dialog", { name: "Compare art/sun.png and art/sun-2.png" });
  await dialog.waitFor();
  expect(await focused(frame)).toBe("How much of art/sun.png shows, in percent");
  for (let presses = 0; presses < 5; presses += 1) await keyboard.press("ArrowLeft");
  const split = () =>
    frame.locator(".compare-stage").evaluate((stage) => stage.style.getPropertyValue("--split"));
  expect(await split()).toBe("40%");
  const stage = await frame.locator(".compare-stage").boundingBox();
  if (!stage) throw new Error("The pictures are not shown.");
  await code.window.page.mouse.move(stage.x + stage.width * 0.5, stage.y + stage.height * 0.5);
  await code.window.page.mouse.down();
  await code.window.page.mouse.move(stage.x + stage.width * 0.75, stage.y + stage.height * 0.5);
  await code.window.page.mouse.up();
  expect(Math.round(Number.parseFloat(await split()))).toBe(75);
  await code.window.screenshot("gallery-compare");
  expect(await seriousViolations(frame)).toEqual([]);
  await keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

test("an image is compared with the picture that it was made of", async () => {
  const frame = await panelFrame(code.window);
  await tile(frame, "an orange circle").click();
  await frame.getByRole("button", { name: "Compare with its source" }).click();
  await frame.getByRole("dialog", { name: "Compare art/sun.png and art/sun-2.png" }).waitFor();
  await frame.getByRole("button", { name: "Close (Escape)" }).click();
  await tile(frame, "a white circle").click();
  await frame.getByRole("button", { name: "Compare with its source" }).click();
  const failure = frame.locator(".failure");
  await failure.getByText("art/moon.png was not made of another picture").waitFor();
  await frame.getByRole("button", { name: "Dismiss" }).click();
});

test.each(themes)("$name: axe finds nothing serious", async (theme) => {
  const frame = await useTheme(code, theme);
  await tile(frame, "a green circle").click();
  await code.window.screenshot(`gallery-${theme.name.replaceAll(" ", "-")}`);
  expect(await seriousViolations(frame)).toEqual([]);
});

test("the Delete key asks before an image goes, and the next one has the focus", async () => {
  const frame = await panelFrame(code.window);
  const { keyboard } = code.window.page;
  await tile(frame, "a green circle").click();
  await keyboard.press("Delete");
  await code.window.page.getByText("Are you sure you want to delete wide.webp?").waitFor();
  await code.window.screenshot("gallery-delete");
  await answerDialog("Cancel");
  expect(existsSync(inWorkspace("wide.webp"))).toBe(true);
  await tile(frame, "a green circle").click();
  await keyboard.press("Delete");
  await answerDialog("Move to Trash");
  // A server has no trash.
  await code.window.page.getByText("wide.webp cannot be moved to the Trash here").waitFor();
  await answerDialog("Delete Permanently");
  await expect.poll(() => existsSync(inWorkspace("wide.webp")), patience).toBe(false);
  await expect.poll(() => prompts(frame), patience).not.toContain("green");
  await expect
    .poll(() => frame.locator(".tile[aria-selected=true]").textContent(), patience)
    .toMatch(/orange/);
});

test("without images the gallery says how to come by one", async () => {
  const frame = await panelFrame(code.window);
  for (const name of readdirSync(code.server.workspace)) {
    if (/\.(png|jpg)$|^art$/.test(name)) rmSync(inWorkspace(name), { recursive: true });
  }
  await frame.getByText("No generated images in this workspace yet.").waitFor();
});
