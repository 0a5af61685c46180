import { Parser } from "htmlparser2";
import type { ImageReference } from "./imageReference.ts";

/** The host takes sizes up to this. */
const longestSide = 16384;

/** A side in pixels as HTML has it, `300` or `300px`; nothing for percentages and what is out of range. */
function sideOf(value: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*$/i.exec(value ?? "")?.[1];
  const side = Number(digits ?? 0);
  return side >= 1 && side <= longestSide ? side : undefined;
}

/**
 * The images of an HTML document, `<img src="…" alt="…">`; comments, scripts and styles name none.
 * @returns none at all where a `<base href>` moves what addresses are relative to
 */
export function htmlReferences(html: string): ImageReference[] {
  const found: ImageReference[] = [];
  let isMoved = false;
  const parser = new Parser({
    onopentag(name, { src, alt = "", width, height, href }) {
      if (name === "base" && href !== undefined) isMoved = true;
      if (name !== "img" || src === undefined) return;
      found.push({
        address: src.trim(),
        alt,
        start: parser.startIndex,
        end: parser.endIndex + 1,
        width: sideOf(width),
        height: sideOf(height),
      });
    },
  });
  parser.end(html);
  return isMoved ? [] : found;
}
