import { format } from "node:util";
import type { Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import type { CodeServer } from "./codeServer.ts";

export type { Frame, Page } from "playwright-core";

/** What a suite in the extension host came to: its code, 0 where it did not fail, and all that VS Code logged meanwhile. */
export interface SuiteRun {
  readonly code: number;
  readonly output: string;
}

/**
 * Has VS Code load an extension from its sources and run a suite in its extension host, as `@vscode/test-electron` does
 * with a downloaded VS Code.
 * @param extension the folder with the extension's package.json
 * @param suite a CommonJS file that exports `run`
 * @param onLine is told of every line as it is logged, with the window
 */
export async function runInExtensionHost(
  server: CodeServer,
  extension: string,
  suite: string,
  onLine: (line: string, page: Page) => void = () => {},
): Promise<SuiteRun> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const lines: string[] = [];
    await page.exposeFunction("codeAutomationLog", (_type: string, parts: unknown[]) => {
      const line = format(...parts);
      lines.push(line);
      onLine(line, page);
    });
    const ended = new Promise<number>((resolve) => page.exposeFunction("codeAutomationExit", resolve));
    const payload = JSON.stringify([
      ["extensionDevelopmentPath", server.remote(extension)],
      ["extensionTestsPath", server.remote(suite)],
    ]);
    const folder = encodeURIComponent(server.workspace);
    await page.goto(`${server.url}/?folder=${folder}&payload=${encodeURIComponent(payload)}`);
    return { code: await ended, output: lines.join("\n") };
  } finally {
    await browser.close();
  }
}
