import { f32, type TensorOf } from "../../openvino/tensor.ts";
import type { Size } from "../../protocol/size.ts";
import type { Unet } from "../noisePrediction.ts";
import { cutPlanes, type Rectangle } from "./planes.ts";

/** Where a latent image is seen through windows. In latents. */
export interface WindowLayout {
  readonly window: Size;
  /** How many latents neighbors have in common at least. */
  readonly overlap: number;
  /** Along which axes the image continues at its opposite edge. */
  readonly wraps: { readonly x: boolean; readonly y: boolean };
}

/** Where windows begin along an axis, evenly spread. */
export function windowStarts(length: number, window: number, overlap: number, wraps: boolean): number[] {
  if (window >= length) return [0];
  const stride = window - overlap;
  const count = Math.ceil((wraps ? length : length - overlap) / stride);
  const way = wraps ? length / count : (length - window) / (count - 1);
  return Array.from({ length: count }, (_, index) => Math.round(index * way));
}

/** The windows of an image, row by row. */
export function windowsOf(size: Size, { window, overlap, wraps }: WindowLayout): Rectangle[] {
  const width = Math.min(window.width, size.width);
  const height = Math.min(window.height, size.height);
  const columns = windowStarts(size.width, width, overlap, wraps.x);
  return windowStarts(size.height, height, overlap, wraps.y).flatMap((y) =>
    columns.map((x) => ({ y, x, height, width })),
  );
}

/** Weights along a window: they rise from its edges over the overlap, so that no edge is seen. */
function ramp(length: number, overlap: number): Float32Array {
  return Float32Array.from({ length }, (_, at) =>
    Math.min(1, (at + 0.5) / overlap, (length - at - 0.5) / overlap),
  );
}

/** Weighted sums of what windows of an image hold. */
class WindowSum {
  readonly #size: Size;
  readonly #weights: Float32Array;
  readonly #ramps: { y: Float32Array; x: Float32Array };

  constructor(size: Size, windows: readonly Rectangle[], overlap: number) {
    this.#size = size;
    const [{ height, width } = size] = windows;
    this.#ramps = { y: ramp(height, overlap), x: ramp(width, overlap) };
    this.#weights = new Float32Array(size.width * size.height);
    const ones = new Float32Array(height * width).fill(1);
    for (const window of windows) this.add(this.#weights, ones, window);
  }

  /** Adds a window's values to planes, by its weights. */
  add(planes: Float32Array, values: Float32Array, { y, x, height, width }: Rectangle): void {
    const { width: columns, height: rows } = this.#size;
    for (let at = 0; at < values.length; at++) {
      const column = at % width;
      const row = Math.floor(at / width) % height;
      const channel = Math.floor(at / (width * height));
      const to = (channel * rows + ((y + row) % rows)) * columns + ((x + column) % columns);
      const weight = (this.#ramps.y[row] as number) * (this.#ramps.x[column] as number);
      planes[to] = (planes[to] as number) + weight * (values[at] as number);
    }
  }

  /** The weighted mean of what was added to planes. In place. */
  divide(planes: Float32Array): Float32Array {
    for (let at = 0; at < planes.length; at++)
      planes[at] = (planes[at] as number) / (this.#weights[at % this.#weights.length] as number);
    return planes;
  }
}

/**
 * A UNet that sees a latent image through overlapping windows of the size it knows. What it predicts for each is
 * averaged where windows overlap, at every step, so that all of them work at one image (MultiDiffusion, arXiv
 * 2302.08113). An image that one window shows is seen as ever.
 */
export function throughWindows(unet: Unet, size: Size, layout: WindowLayout): Unet {
  const windows = windowsOf(size, layout);
  if (windows.length === 1) return unet;
  const sum = new WindowSum(size, windows, layout.overlap);
  return {
    async predict(sample: TensorOf<"f32">, timestep, conditioning, signal) {
      let planes: Float32Array | undefined;
      for (const window of windows) {
        const seen = cutPlanes(sample, window);
        const predicted = await unet.predict(seen, timestep, conditioning, signal);
        const channels = predicted.length / (window.height * window.width);
        planes ??= new Float32Array(channels * size.width * size.height);
        sum.add(planes, predicted, window);
      }
      return sum.divide(planes ?? f32([0], []).data);
    },
    dispose: () => unet.dispose(),
  };
}
