import { readdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { readParameters } from "../../src/images/parametersReading.ts";
import { type CodeServer, startCodeServer } from "./support/codeServer.ts";
import { CodeWindow } from "./support/codeWindow.ts";
import { packagedLimner } from "./support/packagedLimner.ts";

let server: CodeServer;
let window: CodeWindow;
beforeAll(async () => {
  server = await startCodeServer({
    vsix: packagedLimner,
    settings: { "limner.assets.pattern": "${slug}.png" },
  });
  window = await CodeWindow.open(server);
});
afterEach(({ task }) => window.screenshot(task.name.replaceAll(/\W+/g, "-")));
afterAll(async () => {
  await window?.close();
  await server?.stop();
});

const prompt = "a green star on a white background";
const slug = "a-green-star-on-a-white-background";
const files = () => readdirSync(server.workspace).sort();
const recordOf = async (name: string) => (await readParameters(join(server.workspace, name)))?.request;

test("a right click on an image draws another beside it", async () => {
  await window.runCommand("Limner: Generate Image…");
  await window.answer(prompt);
  await window.explorerRow(`${slug}.png`).waitFor();

  await window.explorerMenu(`${slug}.png`, "Limner", "Image to Image…");
  // The image says itself what it shows.
  await vi.waitFor(async () => expect(await window.quickInput().inputValue()).toBe(prompt));
  await window.answer("a red star on a white background");
  await window.answer("Half");
  await window.tab(`${slug}-2.png`).waitFor();

  expect(files()).toEqual([`${slug}-2.png`, `${slug}.png`]);
  expect(await recordOf(`${slug}-2.png`)).toMatchObject({
    prompt: "a red star on a white background",
    strength: 0.5,
  });
  const { width, height } = await sharp(join(server.workspace, `${slug}-2.png`)).metadata();
  expect([width, height]).toEqual([128, 128]);
});

test("several selected images are one batch", async () => {
  await window.explorerRow(`${slug}-2.png`).click();
  await window.explorerRow(`${slug}.png`).click({ modifiers: ["ControlOrMeta"] });
  await window.explorerMenu(`${slug}.png`, "Limner", "Image to Image…");
  await window.answer("a blue star on a white background");
  await window.answer("A lot");
  await vi.waitFor(() => expect(files()).toHaveLength(4), { timeout: 60_000, interval: 250 });
  expect(files()).toEqual([`${slug}-2-2.png`, `${slug}-2.png`, `${slug}-3.png`, `${slug}.png`]);
});

test("variations are drawn beside an image", async () => {
  await window.explorerMenu(`${slug}.png`, "Limner", "Make Variations…");
  await window.answer("A little");
  await vi.waitFor(() => expect(files()).toHaveLength(8), { timeout: 60_000, interval: 250 });
});

test("the parameters of an image draw the same image again", async () => {
  const before = files();
  await window.explorerMenu(`${slug}.png`, "Limner", "Reuse Parameters");
  await vi.waitFor(async () => expect(await window.quickInput().inputValue()).toBe(prompt));
  await window.answer(prompt);
  await vi.waitFor(() => expect(files()).toHaveLength(9), { timeout: 60_000, interval: 250 });
  const [again = ""] = files().filter((name) => !before.includes(name));
  const bytes = (name: string) => sharp(join(server.workspace, name)).raw().toBuffer();
  expect((await bytes(again)).equals(await bytes(`${slug}.png`))).toBe(true);
});
