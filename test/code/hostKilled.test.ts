import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { insertChunks, textChunk } from "../../src/images/pngChunks.ts";
import { limnerInCode } from "./support/limnerInCode.ts";
import { survivors } from "./support/processes.ts";

const code = limnerInCode({
  settings: { "limner.assets.pattern": "${slug}.png" },
  async prepare({ workspace }) {
    await writeSlowImage(join(workspace, "slow.png"));
  },
});

const images = () => readdirSync(code.server.workspace).filter((name) => name.endsWith(".png"));
/** The host of this window: that of an earlier test may still be ending. */
const host = () => survivors(code.server.home).find(({ line }) => /dist\/host\.js/.test(line))?.pid;

/** An image that says it was drawn in so many steps that drawing it again takes a while. */
async function writeSlowImage(file: string): Promise<void> {
  const pixels = { width: 128, height: 128, channels: 3, background: "green" } as const;
  const png = await sharp({ create: pixels }).png().toBuffer();
  const text = "a purple square on a green background\nSteps: 1000, Seed: 7, CFG scale: 3";
  writeFileSync(file, insertChunks(png, [textChunk({ keyword: "parameters", text })]));
}

test("a host that is killed while it draws is told of, and the next image is drawn", async () => {
  // The explorer's menu has Limner's entries when the palette has its commands.
  await code.window.runCommand("Limner: Show Log");
  // The log takes the focus, and with it an open menu.
  await code.window.outputWith("is active.");
  await code.window.explorerMenu("slow.png", "Limner", "Reuse Parameters");
  await code.window.answer("a purple square on a green background");
  await code.window.statusBarItem(/drawing \d+\/1000/).waitFor();

  const killed = host();
  expect(killed).toBeGreaterThan(0);
  process.kill(killed ?? 0, "SIGKILL");
  await code.window.notification("host ended while it drew");
  await code.window.screenshot("the-notice-of-a-killed-host");
  expect(images()).toEqual(["slow.png"]);

  await code.window.runCommand("Limner: Generate Image…");
  await code.window.answer("a yellow ring on a black background");
  await code.window.explorerRow("a-yellow-ring-on-a-black-background.png").waitFor();
  expect(images()).toHaveLength(2);
  expect(host()).not.toBe(killed);
});
