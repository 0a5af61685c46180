import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
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
  window = await CodeWindow.open(server);
});
afterEach(({ task }) => window.screenshot(task.name.replaceAll(/\W+/g, "-")));
afterAll(async () => {
  await window?.close();
  await server?.stop();
});

const images = () => readdirSync(server.workspace).filter((name) => name.endsWith(".png"));
const host = () => survivors().find(({ line }) => /dist\/host\.js/.test(line))?.pid;

test("a host that is killed while it draws is told of, and the next image is drawn", async () => {
  await window.runCommand("Limner: Generate Image…");
  await window.answer("a purple square on a green background");
  await window.explorerRow("a-purple-square-on-a-green-background.png").waitFor();
  // Enough to do that it is still at it when it is killed.
  for (let copy = 10; copy < 30; copy++) {
    copyFileSync(join(server.workspace, images()[0] ?? ""), join(server.workspace, `square-${copy}.png`));
  }
  await window.explorerRow("square-29.png").waitFor();
  await window.explorerRow("square-10.png").click();
  await window.explorerRow("square-29.png").click({ modifiers: ["Shift"] });
  await window.explorerMenu("square-20.png", "Limner", "Image to Image…");
  await window.answer("a purple square on a green background");
  await window.answer("A lot");
  // Early in an image: between two, nothing would be lost and nothing told.
  await window.statusBarItem(/drawing [1-4]\//).waitFor();

  const killed = host();
  expect(killed).toBeGreaterThan(0);
  process.kill(killed ?? 0, "SIGKILL");
  // What the killed host had not begun is drawn by the next one.
  await vi.waitFor(() => expect(images().length).toBeGreaterThanOrEqual(1 + 20 + 19), {
    timeout: 60_000,
    interval: 250,
  });
  await window.notification("host ended");
  await window.screenshot("the-notice-of-a-killed-host");

  await window.runCommand("Limner: Generate Image…");
  await window.answer("a yellow ring on a black background");
  await window.explorerRow("a-yellow-ring-on-a-black-background.png").waitFor();
  expect(images().length).toBeGreaterThanOrEqual(1 + 20 + 19 + 1);
  await vi.waitFor(() => expect(host()).not.toBe(killed));
});
