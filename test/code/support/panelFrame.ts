import type { Frame } from "playwright-core";
import type { CodeWindow } from "./codeWindow.ts";

/** The document of Limner's panel, once its composer is there; other webviews may be open too. */
export async function panelFrame({ page }: CodeWindow): Promise<Frame> {
  const end = Date.now() + 120_000;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      // A frame may go away while it is asked.
      const isIt = await frame
        .evaluate(() => document.querySelector("#panel .composer") !== null)
        .catch(() => false);
      if (isIt) return frame;
    }
    await page.waitForTimeout(250);
  }
  throw new Error("No frame has the panel.");
}
