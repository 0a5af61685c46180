import type { RgbImage } from "../../src/images/rgbImage.ts";

/** A picture with whether it was right. */
export interface SheetEntry {
  image: RgbImage;
  right: boolean;
}

const frame = 3;
const gap = 4;
const rightColor = [60, 170, 90] as const;
const wrongColor = [225, 40, 60] as const;
const paper = 235;

function fillRectangle(
  sheet: RgbImage,
  rectangle: { left: number; top: number; width: number; height: number },
  color: readonly [number, number, number],
): void {
  const { left, top, width, height } = rectangle;
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) sheet.data.set(color, (y * sheet.width + x) * 3);
  }
}

/**
 * Lays pictures of one size out in rows, in their order, each framed in green where it was right and red where it
 * was wrong.
 */
export function contactSheet(entries: readonly SheetEntry[], columns: number): RgbImage {
  const { width = 1, height = 1 } = entries[0]?.image ?? {};
  const cell = { width: width + 2 * frame + gap, height: height + 2 * frame + gap };
  const rows = Math.max(1, Math.ceil(entries.length / columns));
  const sheet: RgbImage = {
    width: columns * cell.width + gap,
    height: rows * cell.height + gap,
    data: new Uint8Array((columns * cell.width + gap) * (rows * cell.height + gap) * 3).fill(paper),
  };
  for (const [index, { image, right }] of entries.entries()) {
    const left = gap + (index % columns) * cell.width;
    const top = gap + Math.floor(index / columns) * cell.height;
    const box = { left, top, width: width + 2 * frame, height: height + 2 * frame };
    fillRectangle(sheet, box, right ? rightColor : wrongColor);
    for (let y = 0; y < height; y++) {
      const row = image.data.subarray(y * width * 3, (y + 1) * width * 3);
      sheet.data.set(row, ((top + frame + y) * sheet.width + left + frame) * 3);
    }
  }
  return sheet;
}
