import { toHalf } from "../float16.ts";
import type { ConstantData, LazyData, ReadOptions } from "../graph.ts";
import type { FloatRows } from "./floatRows.ts";
import { quantizeInt4Groups } from "./int4.ts";
import { quantizeInt8Rows } from "./int8.ts";

/** The constants of a weight in 8 bits: u8 `[rows, columns]`, u8 `[rows]`, f16 `[rows]`. */
export interface Int8Constants {
  readonly weight: ConstantData;
  readonly zeroPoint: ConstantData;
  readonly scale: ConstantData;
}

/** The constants of a weight in 4 bits: i4 `[rows, columns / group, group]`, f16 `[rows, columns / group]`. */
export interface Int4Constants {
  readonly weight: ConstantData;
  readonly scale: ConstantData;
}

/**
 * A weight's constants by NNCF's INT8_ASYM rule. The weight is quantized while it is written; its zero points and
 * scales are kept from that pass, or found by a pass of their own when they are asked for first.
 */
export function int8Constants(source: FloatRows): Int8Constants {
  const { rows, columns } = source;
  const zeroPoints = new Uint8Array(rows);
  const scales = new Float32Array(rows);
  async function* quantize(options?: ReadOptions): AsyncGenerator<Uint8Array> {
    let row = 0;
    let piece = new Uint8Array(0);
    for await (const values of source.open(options)) {
      const count = values.length / columns;
      // One piece of memory for all: making a new one each time costs a sixth of the whole conversion.
      if (piece.length < values.length) piece = new Uint8Array(values.length);
      const quantized = piece.subarray(0, values.length);
      quantizeInt8Rows(
        values,
        columns,
        quantized,
        scales.subarray(row, row + count),
        zeroPoints.subarray(row, row + count),
      );
      row += count;
      yield quantized;
    }
  }
  const weight = remembered(rows * columns, quantize);
  return {
    weight: weight.data,
    zeroPoint: afterwards(rows, weight.finished, () => zeroPoints),
    scale: afterwards(rows * 2, weight.finished, () => halfBytes(scales)),
  };
}

/** A weight's constants by NNCF's INT4_SYM rule; `groupSize` divides the columns. */
export function int4Constants(source: FloatRows, groupSize: number): Int4Constants {
  const { rows, columns } = source;
  const scales = new Float32Array((rows * columns) / groupSize);
  async function* quantize(options?: ReadOptions): AsyncGenerator<Uint8Array> {
    let group = 0;
    for await (const values of source.open(options)) {
      const count = values.length / groupSize;
      const packed = new Uint8Array(Math.ceil(values.length / 2));
      quantizeInt4Groups(values, groupSize, packed, scales.subarray(group, group + count));
      group += count;
      yield packed;
    }
  }
  const weight = remembered(Math.ceil((rows * columns) / 2), quantize);
  return {
    weight: weight.data,
    scale: afterwards(scales.length * 2, weight.finished, () => halfBytes(scales)),
  };
}

/** Float rows as f16 bytes, clamped. */
export function halfConstant(source: FloatRows): ConstantData {
  async function* convert(options?: ReadOptions): AsyncGenerator<Uint8Array> {
    for await (const values of source.open(options)) yield halfBytes(values);
  }
  return { kind: "lazy", size: source.rows * source.columns * 2, open: convert };
}

function halfBytes(values: Float32Array): Uint8Array {
  const halves = new Uint16Array(values.length);
  toHalf(values, halves);
  return new Uint8Array(halves.buffer);
}

/** Data whose making has a by-product: `finished` makes them once, unless they have been read to the end before. */
function remembered(
  size: number,
  make: (options?: ReadOptions) => AsyncIterable<Uint8Array>,
): { data: LazyData; finished: (options?: ReadOptions) => Promise<void> } {
  let done = false;
  async function* open(options?: ReadOptions): AsyncGenerator<Uint8Array> {
    yield* make(options);
    done = true;
  }
  async function finished(options?: ReadOptions): Promise<void> {
    if (done) return;
    for await (const _ of open(options));
  }
  return { data: { kind: "lazy", size, open }, finished };
}

/** Data that exist once others have been made. */
function afterwards(
  size: number,
  finished: (options?: ReadOptions) => Promise<void>,
  bytes: () => Uint8Array,
): ConstantData {
  async function* open(options?: ReadOptions): AsyncGenerator<Uint8Array> {
    await finished(options);
    yield bytes();
  }
  return { kind: "lazy", size, open };
}
