import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test, vi } from "vitest";
import { version } from "../../package.json" with { type: "json" };
import { readParameters } from "../../src/images/parametersReading.ts";
import { limnerInCode } from "./support/limnerInCode.ts";

const code = limnerInCode({
  settings: { "limner.assets.pattern": "${slug}.png" },
  async prepare({ workspace }) {
    const disk = Buffer.from(
      '<svg width="128" height="128"><circle cx="64" cy="64" r="40" fill="red"/></svg>',
    );
    await sharp({ create: { width: 128, height: 128, channels: 3, background: "white" } })
      .composite([{ input: disk }])
      .png()
      .toFile(join(workspace, "disk.png"));
  },
});

const path = (name: string) => join(code.server.workspace, name);
const drawn = (name: string) =>
  vi.waitFor(() => expect(existsSync(path(name))).toBe(true), { timeout: 120_000, interval: 250 });

test("Remove Background writes a clear copy beside the image", async () => {
  await code.window.runCommand("Limner: Show Log");
  await code.window.outputWith("is active.");
  await code.window.explorerMenu("disk.png", "Limner", "Remove Background");
  await drawn("disk-2.png");
  const { data, info } = await sharp(path("disk-2.png")).raw().toBuffer({ resolveWithObject: true });
  const alpha = (x: number, y: number) => data[(y * info.width + x) * info.channels + 3];
  expect([alpha(0, 0), alpha(127, 127), alpha(64, 64)]).toEqual([0, 0, 255]);
});

test("Upscale… asks what an image shows that does not say, and draws it twice as large", async () => {
  await code.window.explorerMenu("disk.png", "Limner", "Upscale…");
  await code.window.answer("2×");
  await code.window.answer("Faithful");
  await code.window.answer("a red circle on a white background");
  await drawn("disk-3.png");
  const { width, height } = await sharp(path("disk-3.png")).metadata();
  expect([width, height]).toEqual([256, 256]);
  const found = await readParameters(path("disk-3.png"));
  expect(found?.request).toMatchObject({ prompt: "a red circle on a white background", upscale: 2 });
});

test("Refine… has the refiner in the box draw the image anew", async () => {
  await code.window.explorerMenu("disk.png", "Limner", "Refine…");
  await code.window.answer("A little");
  await code.window.answer("a red circle on a white background");
  await drawn("disk-4.png");
  const { width, height } = await sharp(path("disk-4.png")).metadata();
  expect([width, height]).toEqual([128, 128]);
  const found = await readParameters(path("disk-4.png"));
  expect(found?.request).toMatchObject({ model: "limner-tiny-refiner", strength: expect.any(Number) });
});

test("the terminal has limner", async () => {
  await code.window.runCommand("Terminal: Create New Terminal");
  await code.window.page.locator(".terminal.xterm.focus, .xterm.focus").first().waitFor();
  // What is typed before the shell is there comes to it all the same.
  await code.window.page.keyboard.type("limner --version > version.txt\n");
  await vi.waitFor(() => expect(readFileSync(path("version.txt"), "utf8")).toBe(`${version}\n`), {
    timeout: 120_000,
    interval: 250,
  });
});
