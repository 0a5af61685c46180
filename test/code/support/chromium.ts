import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { runMark } from "./processes.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The first Chromium on PATH, or the one that `LIMNER_CHROMIUM` names. @throws Error that says what to install */
export function chromiumPath(): string {
  const named = process.env["LIMNER_CHROMIUM"];
  if (named) return named;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const found = names.map((name) => join(folder, name)).find(isExecutable);
    if (found !== undefined) return found;
  }
  throw new Error(
    "The tests in VS Code need Chromium: install your system's chromium, or set LIMNER_CHROMIUM.",
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts Chromium without a window. As root it has no sandbox to be in. */
export function launchChromium(): Promise<Browser> {
  const env = { ...(process.env as Record<string, string>), ...runMark };
  return chromium.launch({
    executablePath: chromiumPath(),
    chromiumSandbox: process.getuid?.() !== 0,
    // Shared memory is small in containers; clipboard and drop need no further permission on localhost.
    args: ["--disable-dev-shm-usage", "--disable-gpu"],
    env,
    timeout: 120_000,
  });
}
