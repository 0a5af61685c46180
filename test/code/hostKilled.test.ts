import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { insertChunks, textChunk } from "../../src/images/pngChunks.ts";
import { type CodeServer, startCodeServer } from "./support/codeServer.ts";
import { CodeWindow } from "./support/codeWindow.ts";
import { packagedLimner } from "./support/packagedLimner.ts";
import { survivors } from "./support/processes.ts";

let server: CodeServer;
let window: CodeWindow;
beforeAll(async () => {
  server = await startCodeServer({
    vsix: packagedLimner,
    settings: { "limner.assets.pattern": "${slug}.png" },
  });
  await writeSlowImage(join(server.workspace, "slow.png"));
  window = await CodeWindow.open(server);
});
afterEach(({ task }) => window.screenshot(task.name.replaceAll(/\W+/g, "-")));
afterAll(async () => {
  await window?.close();
  await server?.stop();
});

const images = () => readdirSync(server.workspace).filter((name) => name.endsWith(".png"));
const host = () => survivors().find(({ line }) => /dist\/host\.js/.test(line))?.pid;

/** An image that says it was drawn in so many steps that drawing it again takes a while. */
async function writeSlowImage(file: string): Promise<void> {
  const pixels = { width: 128, height: 128, channels: 3, background: "green" } as const;
  const png = await sharp({ create: pixels }).png().toBuffer();
  const text = "a purple square on a green background\nSteps: 1000, Seed: 7, CFG scale: 3";
  writeFileSync(file, insertChunks(png, [textChunk({ keyword: "parameters", text })]));
}

test("a host that is killed while it draws is told of, and the next image is drawn", async () => {
  // The explorer's menu has Limner's entries when the palette has its commands.
  await window.runCommand("Limner: Show Log");
  // The log takes the focus, and with it an open menu.
  await window.outputWith("is active.");
  await window.explorerMenu("slow.png", "Limner", "Reuse Parameters");
  await window.answer("a purple square on a green background");
  await window.statusBarItem(/drawing \d+\/1000/).waitFor();

  const killed = host();
  expect(killed).toBeGreaterThan(0);
  process.kill(killed ?? 0, "SIGKILL");
  await window.notification("host ended while it drew");
  await window.screenshot("the-notice-of-a-killed-host");
  expect(images()).toEqual(["slow.png"]);

  await window.runCommand("Limner: Generate Image…");
  await window.answer("a yellow ring on a black background");
  await window.explorerRow("a-yellow-ring-on-a-black-background.png").waitFor();
  expect(images()).toHaveLength(2);
  expect(host()).not.toBe(killed);
});
