import type { RgbImage } from "../../src/images/rgbImage.ts";
import type { TestCaption } from "./grammar.ts";
import { judge, type Seen, type Verdict } from "./imageCheck.ts";

/** A caption, the picture drawn for it, and what the check made of it. */
export interface Judged {
  caption: TestCaption;
  image: RgbImage;
  seen: Seen;
  verdict: Verdict;
}

/** Draws the picture of a caption. */
export type Draw = (caption: string, seed: number) => Promise<RgbImage>;

/** Draws a picture for each caption, the k-th with `seed` + k, and judges it. */
export async function* measure(
  captions: readonly TestCaption[],
  seed: number,
  draw: Draw,
  check: (image: RgbImage) => Seen,
): AsyncGenerator<Judged, void, undefined> {
  for (const [index, caption] of captions.entries()) {
    const image = await draw(caption.text, seed + index);
    const seen = check(image);
    yield { caption, image, seen, verdict: judge(seen, caption.scene) };
  }
}
