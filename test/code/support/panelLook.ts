import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Frame } from "playwright-core";
import { expect } from "vitest";
import type { LimnerInCode } from "./limnerInCode.ts";
import { panelFrame } from "./panelFrame.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The longest that something may take on a busy machine. */
export const patience = { timeout: 120_000 };

/** Themes of VS Code, and how its webviews name their kind. */
export const themes = [
  { name: "Default Dark Modern", kind: "vscode-dark" },
  { name: "Default Light Modern", kind: "vscode-light" },
  { name: "Default High Contrast", kind: "vscode-high-contrast" },
];

/** Chooses a theme by the workspace's settings, and waits until the panel has it. */
export async function useTheme(code: LimnerInCode, { name, kind }: (typeof themes)[number]): Promise<Frame> {
  mkdirSync(join(code.server.workspace, ".vscode"), { recursive: true });
  const settings = JSON.stringify({ "workbench.colorTheme": name });
  writeFileSync(join(code.server.workspace, ".vscode", "settings.json"), settings);
  const frame = await panelFrame(code.window);
  await expect
    .poll(() => frame.evaluate(() => document.body.className), patience)
    .toMatch(new RegExp(`\\b${kind}\\b`));
  return frame;
}

/** What axe finds wrong in a document that is serious or critical. */
export async function seriousViolations(frame: Frame) {
  await frame.evaluate(axe);
  const { violations } = (await frame.evaluate("axe.run(document)")) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => ({ id, target, failureSummary })));
}
