import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { readParameters } from "../../src/images/parametersReading.ts";
import { HubServer } from "../hub/hubServer.ts";
import { servedFolder } from "../hub/servedFolder.ts";
import { tinySingleFile } from "../hub/tinySingleFile.ts";
import { limnerInCode } from "./support/limnerInCode.ts";

const patience = { timeout: 120_000, interval: 250 };
const checkpoint = tinySingleFile();
let hub: HubServer | undefined;

const code = limnerInCode({
  settings: { "limner.assets.pattern": "${slug}.png" },
  async environment() {
    hub = await HubServer.start({
      "tiny/ready": { files: servedFolder("test/fixtures/tiny-sdxl"), license: "openrail++" },
      "tiny/checkpoint": { files: { "tiny.safetensors": checkpoint }, license: "apache-2.0" },
    });
    return { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "", HF_HUB_OFFLINE: "", HF_HOME: "", HF_HUB_CACHE: "" };
  },
});

afterAll(() => hub?.stop());

function served(): HubServer {
  if (!hub) throw new Error("The hub runs while a test does.");
  return hub;
}

/** The entry that Enter takes, with all of these texts. */
function entry(...texts: readonly string[]) {
  const focused = code.window.page.locator(".quick-input-list .monaco-list-row.focused");
  return texts.reduce((found, hasText) => found.filter({ hasText }), focused);
}

/** Accepts the license that is shown. @returns what was asked */
async function acceptLicense(): Promise<string> {
  const dialog = code.window.page.locator(".monaco-dialog-box");
  const text = (await dialog.locator(".dialog-message-container").textContent()) ?? "";
  await dialog.getByText("Accept and Download", { exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  return text;
}

const blobs = () =>
  join(code.server.home, ".cache", "huggingface", "hub", "models--tiny--checkpoint", "blobs");
const partial = () => (existsSync(blobs()) ? readdirSync(blobs()) : []);

test("a repository that is typed is told of, got once its license is accepted, and drawn with", async () => {
  const { window, server } = code;
  await window.runCommand("Limner: Get a Model…");
  await window.quickInput().fill("tiny/ready");
  await entry("Get “tiny/ready”", "MB · openrail++").waitFor();
  await window.screenshot("get-model-facts");
  await window.page.keyboard.press("Enter");
  const question = await acceptLicense();
  expect(question).toMatch(/Download tiny\/ready, [\d.]+ MB\?/);
  expect(question).toContain(`tiny/ready is licensed under openrail++ (${served().endpoint}/tiny/ready).`);
  const ready = await window.notification("ready is ready. Draw with it from now on?");
  await ready.getByText("Use This Model", { exact: true }).click();
  await window.page.locator(".statusbar-item").filter({ hasText: "Limner draws with ready." }).waitFor();

  await window.runCommand("Limner: Select Model");
  await entry("ready", "in use · tiny/ready · openrail++").waitFor();
  await window.page.keyboard.press("Escape");
  await window.runCommand("Limner: Generate Image…");
  await window.answer("a quiet lake");
  await window.explorerRow("a-quiet-lake.png").waitFor();
  const found = await readParameters(join(server.workspace, "a-quiet-lake.png"));
  expect(found?.request).toMatchObject({ prompt: "a quiet lake", model: "ready" });
});

test("a download that is cancelled is kept, listed first, and goes on from there", async () => {
  const { window } = code;
  served().options.pieceBytes = 64 * 1024;
  served().options.fault = ({ first = 0 }) => {
    // What tells what it is comes at full speed.
    if (first > 0) served().options.pieceMilliseconds = 20;
    return undefined;
  };
  await window.runCommand("Limner: Get a Model…");
  await window.quickInput().fill(`${served().endpoint}/tiny/checkpoint`);
  await entry("Get “").waitFor();
  await window.page.keyboard.press("Enter");
  expect(await acceptLicense()).toContain("tiny/checkpoint is licensed under apache-2.0");
  const progress = await window.notification("Limner gets tiny/checkpoint");
  await progress.filter({ hasText: /Fetching: [1-9]\d* %/ }).waitFor();
  await window.screenshot("get-model-progress");
  await progress.getByText("Cancel", { exact: true }).click();
  await progress.waitFor({ state: "detached" });
  served().options.fault = undefined;
  served().options.pieceMilliseconds = 0;
  expect(partial()).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.incomplete$/)]);
  const kept = statSync(join(blobs(), partial()[0] ?? "")).size;
  expect(kept).toBeGreaterThan(500_000);
  expect(kept).toBeLessThan(checkpoint.length);

  const before = served().requests.length;
  await window.runCommand("Limner: Get a Model…");
  await entry("tiny/checkpoint", "goes on: ", "MB fetched").waitFor();
  await window.screenshot("get-model-goes-on");
  await window.page.keyboard.press("Enter");
  await window.notification("checkpoint is ready. Draw with it from now on?");
  await vi.waitFor(() => expect(partial()).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]), patience);
  // Beside the header, which tells what it is.
  const parts = served()
    .requests.slice(before)
    .filter(({ sent, first }) => sent > 0 && first !== 0);
  expect(parts.reduce((sum, { sent }) => sum + sent, 0)).toBe(checkpoint.length - kept);
  await window.runCommand("Limner: Select Model");
  await window.quickInput().fill("checkpoint");
  await entry("checkpoint", "tiny/checkpoint · int8 · apache-2.0").waitFor();
  await window.page.keyboard.press("Escape");
});
