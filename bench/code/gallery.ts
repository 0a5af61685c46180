// Measures the gallery in a real VS Code with many images in its workspace: how long from "Open Panel" until it shows its
// images, and until all in view have their pictures; how long it keeps the extension host from other work at most; and the
// frames while it is scrolled: node bench/code/run.mjs bench/code/gallery.ts [IMAGES]. The first opening starts Limner's
// host and finds nothing cached; the others find host and caches as they are.
import { join } from "node:path";
import { startCodeServer } from "../../test/code/support/codeServer.ts";
import { type Frame, type Page, runInExtensionHost } from "../../test/code/support/extensionHost.ts";
import { packagedLimner } from "../../test/code/support/packagedLimner.ts";
import { markRun } from "../../test/code/support/processes.ts";
import { writeImages } from "../assets/imageWorkspace.ts";

const count = Number(process.argv[2] ?? 1000);

/** What is to see of the gallery at a moment. */
interface Look {
  readonly tiles: number;
  readonly pictures: number;
  /** Tiles in view, and those of them whose pictures are drawn. */
  readonly inView: number;
  readonly drawn: number;
  readonly total: string;
}

function look(frame: Frame): Promise<Look> {
  return frame.evaluate(() => {
    const grid = document.querySelector("limner-image-grid")?.getBoundingClientRect();
    const tiles = Array.from(document.querySelectorAll(".tile"));
    const inView = tiles.filter((tile) => {
      const { top, bottom } = tile.getBoundingClientRect();
      return grid !== undefined && bottom > grid.top && top < grid.bottom;
    });
    const drawn = inView.filter((tile) => {
      const image = tile.querySelector("img");
      return image?.complete === true && image.naturalWidth > 0;
    });
    return {
      tiles: tiles.length,
      pictures: document.querySelectorAll(".tile img").length,
      inView: inView.length,
      drawn: drawn.length,
      total: document.querySelector(".gallery .count")?.textContent ?? "",
    };
  });
}

/** The panel's document, as soon as its gallery has a tile. */
async function galleryFrame(page: Page, until: number): Promise<Frame> {
  while (Date.now() < until) {
    for (const frame of page.frames()) {
      const has = frame.evaluate(() => document.querySelector(".tile") !== null);
      if (await has.catch(() => false)) return frame;
    }
    await page.waitForTimeout(5);
  }
  throw new Error("The gallery showed nothing.");
}

/** Scrolls by a third of a tile with each frame. @returns milliseconds between frames, the longest first */
function scroll(frame: Frame): Promise<number[]> {
  return frame.evaluate(async () => {
    const grid = document.querySelector("limner-image-grid");
    if (!grid) throw new Error("There is no grid.");
    const next = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const times = [await next()];
    for (let at = 0; at < 120; at++) {
      grid.scrollTop += 50;
      times.push(await next());
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
    return gaps.sort((a, b) => b - a);
  });
}

async function measure(page: Page, began: number): Promise<void> {
  const frame = await galleryFrame(page, began + 60_000);
  const shown = Date.now() - began;
  let seen = await look(frame);
  while (seen.drawn < seen.inView && Date.now() < began + 60_000) {
    await page.waitForTimeout(5);
    seen = await look(frame);
  }
  const drawn = Date.now() - began;
  while (!/^[\d,]+ images?$/.test(seen.total) && Date.now() < began + 60_000) {
    await page.waitForTimeout(5);
    seen = await look(frame);
  }
  const counted = Date.now() - began;
  console.log(
    `  ${seen.total}: shown after ${shown} ms, ${seen.drawn} of ${seen.inView} pictures in view after ${drawn} ms, all counted after ${counted} ms`,
  );
  const gaps = await scroll(frame);
  const median = gaps[Math.floor(gaps.length / 2)] ?? 0;
  const ms = (value: number | undefined) => `${(value ?? 0).toFixed(1)} ms`;
  const { tiles } = await look(frame);
  console.log(
    `  scrolled: frames of ${ms(median)} (median), the longest ${ms(gaps[0])}, ${ms(gaps[1])}, ${ms(gaps[2])}; ${tiles} tiles in the page`,
  );
}

markRun();
const server = await startCodeServer({ vsix: packagedLimner });
try {
  await writeImages(server.workspace, count);
  const probe = join(process.cwd(), "bench", "code", "probe");
  let measuring: Promise<void> = Promise.resolve();
  let opening = 0;
  const onLine = (line: string, page: Page) => {
    const began = /^opening (\d+)$/.exec(line)?.[1];
    if (began !== undefined) {
      console.log(opening++ === 0 ? "first opening: no host runs, nothing is cached" : "opening again");
      measuring = measure(page, Number(began));
    }
    const blocked = /^blocked (\{.*\})$/.exec(line)?.[1];
    if (blocked !== undefined) {
      const { wall, cpu, over50 } = JSON.parse(blocked) as { wall: number; cpu: number; over50: number };
      console.log(
        `  longest block of the extension host: ${wall.toFixed(1)} ms by the clock (${over50} above 50 ms), ${cpu.toFixed(1)} ms of processor time`,
      );
    }
  };
  const { code, output } = await runInExtensionHost(server, probe, join(probe, "gallery.cjs"), onLine);
  await measuring;
  if (code !== 0) throw new Error(output);
} finally {
  await server.stop();
}
