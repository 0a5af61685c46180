import type { Size } from "../protocol/size.ts";

/**
 * Height and width of the buckets with a tall side that SDXL was trained on, at about one megapixel (SDXL report,
 * arXiv 2307.01952, appendix I). Each counts turned round as well.
 */
const tallBuckets: readonly (readonly [width: number, height: number])[] = [
  [512, 2048],
  [512, 1984],
  [512, 1920],
  [512, 1856],
  [576, 1792],
  [576, 1728],
  [576, 1664],
  [640, 1600],
  [640, 1536],
  [704, 1472],
  [704, 1408],
  [704, 1344],
  [768, 1344],
  [768, 1280],
  [832, 1216],
  [832, 1152],
  [896, 1152],
  [896, 1088],
  [960, 1088],
  [960, 1024],
  [1024, 1024],
];

/** The size that the buckets above are given for. */
const reportSize = 1024;

/** What a model says of its sizes. */
export interface ModelSizes {
  /** Size that the model was trained on, in pixels. */
  defaultSize: Size;
  /** Width and height are multiples of this. */
  sizeMultiple: number;
  /** The model draws in its default size only. */
  fixedSize?: boolean;
}

/**
 * SDXL's aspect-ratio buckets for a model: scaled to the area of its default size and rounded to its multiple, each
 * once, from the tallest to the widest.
 */
export function aspectBuckets({ defaultSize, sizeMultiple, fixedSize }: ModelSizes): Size[] {
  if (fixedSize) return [defaultSize];
  const scale = Math.sqrt(defaultSize.width * defaultSize.height) / reportSize;
  const rounded = (length: number) => Math.max(1, Math.round((length * scale) / sizeMultiple)) * sizeMultiple;
  const buckets = new Map<string, Size>();
  for (const [short, long] of tallBuckets) {
    for (const size of [
      { width: rounded(short), height: rounded(long) },
      { width: rounded(long), height: rounded(short) },
    ]) {
      buckets.set(`${size.width}x${size.height}`, size);
    }
  }
  return [...buckets.values()].sort((a, b) => aspect(a) - aspect(b) || a.width - b.width);
}

/** Logarithm of width to height: twice as wide is as far from square as twice as high. */
function aspect({ width, height }: Size): number {
  return Math.log(width / height);
}

/**
 * The bucket whose aspect ratio is nearest to a picture's, by the logarithm of the ratio; of two as near, the one
 * whose area is closer to the model's own, then the smaller.
 */
export function nearestBucket(source: Size, model: ModelSizes): Size {
  const wanted = aspect(source);
  const area = Math.log(model.defaultSize.width * model.defaultSize.height);
  const distance = (size: Size) => Math.abs(aspect(size) - wanted);
  const excess = (size: Size) => Math.abs(Math.log(size.width * size.height) - area);
  return aspectBuckets(model).reduce((best, size) => {
    // Ratios that are equal on paper differ in the last bits of their logarithms.
    const nearer = distance(best) - distance(size);
    if (Math.abs(nearer) > 1e-9) return nearer > 0 ? size : best;
    return excess(size) < excess(best) - 1e-9 ? size : best;
  });
}
