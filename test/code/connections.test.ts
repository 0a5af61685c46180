import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { node } from "./install.mjs";
import { limnerInCode } from "./support/limnerInCode.ts";
import { panelFrame } from "./support/panelFrame.ts";

const folder = mkdtempSync(join(tmpdir(), "limner-trace-"));
const program = join(folder, "traced-node");
const calls = "trace=bind,connect,sendto,sendmsg,sendmmsg";
// Each start of it, with all that it starts, writes a file of its own.
writeFileSync(program, `#!/bin/sh\nexec strace -f -e ${calls} -o "${folder}/$$.trace" "${node}" "$@"\n`);
chmodSync(program, 0o755);
const canTrace = spawnSync("strace", ["-o", join(folder, "probe"), "true"]).status === 0;

const code = limnerInCode({
  settings: { "limner.host.node": program, "limner.assets.pattern": "${slug}.png" },
  prepare({ workspace }) {
    writeFileSync(join(workspace, "notes.md"), "![a yellow ring on a black background](ring.png)\n");
  },
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What was called, a line each. */
const traced = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".trace"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"));

const isLoopback = (line: string) =>
  /inet_addr\("127\.[\d.]+"\)/.test(line) || /AF_INET6, "(::1|::ffff:127\.[\d.]+)"/.test(line);

test.skipIf(!canTrace)("no connection that the host tries while it draws leaves this machine", async () => {
  const { window, server } = code;
  const images = () => readdirSync(server.workspace).filter((name) => name.endsWith(".png"));
  await window.runCommand("Limner: Generate Image…");
  await window.answer("a green star on a white background");
  await window.explorerRow("a-green-star-on-a-white-background.png").waitFor();

  await window.explorerMenu("a-green-star-on-a-white-background.png", "Limner", "Image to Image…");
  await window.answer("a red star on a white background");
  await window.answer("Half");
  await vi.waitFor(() => expect(images()).toHaveLength(2), { timeout: 120_000, interval: 250 });

  await window.openFile("notes.md");
  await window.runCommand("Limner: Generate Missing Images of This File");
  await vi.waitFor(() => expect(images()).toContain("ring.png"), { timeout: 120_000, interval: 250 });

  await window.runCommand("Limner: Open Panel");
  const panel = await panelFrame(window);
  await panel.locator('[data-field="prompt"] textarea').fill("a blue square on a white background");
  await panel.getByRole("button", { name: /^Generate/ }).click();
  await vi.waitFor(() => expect(images()).toHaveLength(4), { timeout: 120_000, interval: 250 });

  // One that stays on this machine is recorded too.
  spawnSync(program, ["-e", "net.connect(9, '127.0.0.1').on('error', () => {})"]);
  const lines = traced();
  // The host was traced: it listens where the window finds it.
  expect(lines.filter((line) => line.includes("bind(") && line.includes("AF_UNIX"))).not.toEqual([]);
  const reached = lines.filter((line) => /sa_family=AF_INET6?\b/.test(line));
  expect(reached.filter(isLoopback)).not.toEqual([]);
  expect(reached.filter((line) => !isLoopback(line))).toEqual([]);
});
