import { join } from "node:path";
import { format } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "./support/chromium.ts";
import { type CodeServer, startCodeServer } from "./support/codeServer.ts";

let server: CodeServer;
beforeAll(async () => {
  server = await startCodeServer();
});
afterAll(() => server?.stop());

/** What the suite came to: mocha's output, and 0 where every test passed. */
interface SuiteRun {
  readonly code: number;
  readonly output: string;
}

/**
 * Has VS Code load the extension from the sources and run the tests in its extension host, as
 * `@vscode/test-electron` does with a downloaded VS Code.
 */
async function runSuite(extension: string, suite: string): Promise<SuiteRun> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const lines: string[] = [];
    await page.exposeFunction("codeAutomationLog", (_type: string, parts: unknown[]) => {
      lines.push(format(...parts));
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

test("test/electron passes in the extension host", async () => {
  const { code, output } = await runSuite(
    process.cwd(),
    join(process.cwd(), "test", "electron", "suite", "index.cjs"),
  );
  // Of all that VS Code logs, what mocha printed.
  console.log(output.slice(output.lastIndexOf("\n  Limner in VS Code")));
  expect(code, output).toBe(0);
  expect(Number(/(\d+) passing/.exec(output)?.[1])).toBeGreaterThan(0);
});
