import { f32, type TensorOf } from "../../openvino/tensor.ts";

/** A rectangle of rows and columns of `[1, channels, height, width]`. */
export interface Rectangle {
  readonly y: number;
  readonly x: number;
  readonly height: number;
  readonly width: number;
}

/** A copy of a rectangle of planes. What lies outside of the planes is read at the opposite edge. */
export function cutPlanes(planes: TensorOf<"f32">, { y, x, height, width }: Rectangle): TensorOf<"f32"> {
  const [, channels = 0, rows = 0, columns = 0] = planes.shape;
  const data = new Float32Array(channels * height * width);
  const inside = x >= 0 && x + width <= columns;
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < height; row++) {
      const from = (channel * rows + modulo(y + row, rows)) * columns;
      const to = (channel * height + row) * width;
      if (inside) data.set(planes.data.subarray(from + x, from + x + width), to);
      else
        for (let column = 0; column < width; column++)
          data[to + column] = planes.data[from + modulo(x + column, columns)] as number;
    }
  }
  return f32([1, channels, height, width], data);
}

/** Copies a rectangle of planes to a place of others. */
export function pastePlanes(
  source: TensorOf<"f32">,
  { y, x, height, width }: Rectangle,
  target: TensorOf<"f32">,
  at: { y: number; x: number },
): void {
  const [, channels = 0, sourceRows = 0, sourceColumns = 0] = source.shape;
  const [, , rows = 0, columns = 0] = target.shape;
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < height; row++) {
      const from = (channel * sourceRows + y + row) * sourceColumns + x;
      const to = (channel * rows + at.y + row) * columns + at.x;
      target.data.set(source.data.subarray(from, from + width), to);
    }
  }
}

function modulo(value: number, length: number): number {
  return ((value % length) + length) % length;
}
