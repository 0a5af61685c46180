import { readdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test, vi } from "vitest";
import { readParameters } from "../../src/images/parametersReading.ts";
import { limnerInCode } from "./support/limnerInCode.ts";

const code = limnerInCode({
  settings: { "limner.assets.pattern": "${slug}.png" },
});

const prompt = "a green star on a white background";
const slug = "a-green-star-on-a-white-background";
const files = () => readdirSync(code.server.workspace).sort();
const recordOf = async (name: string) => (await readParameters(join(code.server.workspace, name)))?.request;

test("a right click on an image draws another beside it", async () => {
  await code.window.runCommand("Limner: Generate Image…");
  await code.window.answer(prompt);
  await code.window.explorerRow(`${slug}.png`).waitFor();

  await code.window.explorerMenu(`${slug}.png`, "Limner", "Image to Image…");
  // The image says itself what it shows.
  await vi.waitFor(async () => expect(await code.window.quickInput().inputValue()).toBe(prompt), 60_000);
  await code.window.answer("a red star on a white background");
  await code.window.answer("Half");
  await code.window.tab(`${slug}-2.png`).waitFor();

  expect(files()).toEqual([`${slug}-2.png`, `${slug}.png`]);
  expect(await recordOf(`${slug}-2.png`)).toMatchObject({
    prompt: "a red star on a white background",
    strength: 0.5,
  });
  const { width, height } = await sharp(join(code.server.workspace, `${slug}-2.png`)).metadata();
  expect([width, height]).toEqual([128, 128]);
});

test("several selected images are one batch", async () => {
  await code.window.explorerRow(`${slug}-2.png`).click();
  await code.window.explorerRow(`${slug}.png`).click({ modifiers: ["ControlOrMeta"] });
  await code.window.explorerMenu(`${slug}.png`, "Limner", "Image to Image…");
  await code.window.answer("a blue star on a white background");
  await code.window.answer("A lot");
  await vi.waitFor(() => expect(files()).toHaveLength(4), { timeout: 60_000, interval: 250 });
  expect(files()).toEqual([`${slug}-2-2.png`, `${slug}-2.png`, `${slug}-3.png`, `${slug}.png`]);
});

test("variations are drawn beside an image", async () => {
  await code.window.explorerMenu(`${slug}.png`, "Limner", "Make Variations…");
  await code.window.answer("A little");
  await vi.waitFor(() => expect(files()).toHaveLength(8), { timeout: 60_000, interval: 250 });
  // What was worked on stays in one column, what was drawn shares another.
  expect(await code.window.page.locator(".editor-group-container").count()).toBe(2);
});

test("the parameters of an image draw the same image again", async () => {
  const before = files();
  await code.window.explorerMenu(`${slug}.png`, "Limner", "Reuse Parameters");
  await vi.waitFor(async () => expect(await code.window.quickInput().inputValue()).toBe(prompt), 60_000);
  await code.window.answer(prompt);
  await vi.waitFor(() => expect(files()).toHaveLength(9), { timeout: 60_000, interval: 250 });
  const [again = ""] = files().filter((name) => !before.includes(name));
  const bytes = (name: string) => sharp(join(code.server.workspace, name)).raw().toBuffer();
  expect((await bytes(again)).equals(await bytes(`${slug}.png`))).toBe(true);
});
