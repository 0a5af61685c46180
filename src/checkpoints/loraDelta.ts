import { CheckpointError } from "./checkpointError.ts";
import { readFloats } from "./floatValues.ts";
import { type LoraFile, layerFactor } from "./loraFile.ts";
import type { LoraLayer } from "./loraLayer.ts";
import type { MatrixProduct } from "./matrixProduct.ts";
import { elementCount, type TensorSource } from "./tensorSource.ts";

/** The change that a LoRA makes to a weight [rows, columns…], computed for some rows at a time. */
export interface LoraDelta {
  /** The change of rows `first` to `first + count`, flattened, without the user's scale. */
  rows(first: number, count: number, product: MatrixProduct): Promise<Float32Array>;
  /** DoRA's magnitude of each row, where the file has one. */
  readonly magnitude?: TensorSource;
}

/** A tensor taken as a matrix: its first dimension by all others. */
interface Matrix {
  readonly source: TensorSource;
  readonly rows: number;
  readonly columns: number;
}

function matrix(source: TensorSource): Matrix {
  const [rows = 1, ...rest] = source.shape;
  return { source, rows, columns: elementCount(rest) };
}

function rowsOfMatrix({ source, columns }: Matrix, first: number, count: number): Promise<Float32Array> {
  return readFloats(source, first * columns, count * columns);
}

function scaled(values: Float32Array, factor: number): Float32Array {
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor;
  return values;
}

/** What a delta is made for: the weight's shape as a matrix, and names for messages. */
interface Target {
  readonly rows: number;
  readonly columns: number;
  readonly weight: string;
}

function misfit(lora: LoraFile, layer: LoraLayer, target: Target): CheckpointError {
  const shapes = Object.values(layer.parts).map((part) => `[${part.shape.join(", ")}]`);
  return new CheckpointError(
    "unsupported",
    `${lora.file} does not fit this model: ${JSON.stringify(layer.module).slice(0, 120)} has the shapes ${shapes.join(", ")}, and ${target.weight} is [${target.rows}, ${target.columns}]. Is it a LoRA for SDXL?`,
  );
}

/** LoRA: up [rows, rank] · down [rank, columns]; a 3x3 convolution is down 3x3, then up 1x1. */
async function loraDelta(lora: LoraFile, layer: LoraLayer, target: Target): Promise<LoraDelta> {
  const { up, down, doraScale } = layer.parts;
  if (!up || !down) throw misfit(lora, layer, target);
  const [left, right] = [matrix(up), matrix(down)];
  if (left.rows !== target.rows || right.columns !== target.columns || left.columns !== right.rows)
    throw misfit(lora, layer, target);
  const rank = right.rows;
  const factor = await layerFactor(lora, layer, rank);
  return {
    magnitude: doraScale,
    async rows(first, count, product) {
      const upRows = scaled(await rowsOfMatrix(left, first, count), factor);
      return product(upRows, await readFloats(down), count, rank, target.columns);
    },
  };
}

/** LoHa: (w1_a · w1_b) ∘ (w2_a · w2_b), element by element. */
async function lohaDelta(lora: LoraFile, layer: LoraLayer, target: Target): Promise<LoraDelta> {
  const { hadaW1A, hadaW1B, hadaW2A, hadaW2B, doraScale } = layer.parts;
  if (!hadaW1A || !hadaW1B || !hadaW2A || !hadaW2B) throw misfit(lora, layer, target);
  const pairs = [
    [matrix(hadaW1A), matrix(hadaW1B)],
    [matrix(hadaW2A), matrix(hadaW2B)],
  ] as const;
  for (const [a, b] of pairs)
    if (a.rows !== target.rows || b.columns !== target.columns || a.columns !== b.rows)
      throw misfit(lora, layer, target);
  const factor = await layerFactor(lora, layer, matrix(hadaW1B).rows);
  return {
    magnitude: doraScale,
    async rows(first, count, product) {
      const [one, two] = await Promise.all(
        pairs.map(async ([a, b]) =>
          product(await rowsOfMatrix(a, first, count), await readFloats(b.source), count, b.rows, b.columns),
        ),
      );
      if (!one || !two) throw misfit(lora, layer, target);
      for (let i = 0; i < one.length; i++) one[i] = (one[i] as number) * (two[i] as number);
      return scaled(one, factor);
    },
  };
}

/** A factor of a Kronecker product, given whole or as a product of two; `rank` where it is a product. */
interface KroneckerFactor {
  readonly rows: number;
  readonly columns: number;
  readonly rank?: number;
  values(product: MatrixProduct): Promise<Float32Array>;
}

function kroneckerFactor(
  whole: TensorSource | undefined,
  a: TensorSource | undefined,
  b: TensorSource | undefined,
): KroneckerFactor | undefined {
  if (whole) {
    const { rows, columns } = matrix(whole);
    return { rows, columns, values: () => readFloats(whole) };
  }
  if (!a || !b) return undefined;
  const [left, right] = [matrix(a), matrix(b)];
  if (left.columns !== right.rows) return undefined;
  return {
    rows: left.rows,
    columns: right.columns,
    rank: right.rows,
    values: async (product) =>
      product(await readFloats(a), await readFloats(b), left.rows, right.rows, right.columns),
  };
}

/** LoKr: w1 ⊗ w2. Row i is row ⌊i/m⌋ of w1 times row i mod m of w2, with m rows in w2. */
async function lokrDelta(lora: LoraFile, layer: LoraLayer, target: Target): Promise<LoraDelta> {
  const { lokrW1, lokrW1A, lokrW1B, lokrW2, lokrW2A, lokrW2B, doraScale } = layer.parts;
  const one = kroneckerFactor(lokrW1, lokrW1A, lokrW1B);
  const two = kroneckerFactor(lokrW2, lokrW2A, lokrW2B);
  if (!one || !two || one.rows * two.rows !== target.rows || one.columns * two.columns !== target.columns)
    throw misfit(lora, layer, target);
  const rank = two.rank ?? one.rank;
  const factor = rank === undefined ? 1 : await layerFactor(lora, layer, rank);
  return {
    magnitude: doraScale,
    async rows(first, count, product) {
      const [w1, w2] = [await one.values(product), await two.values(product)];
      const result = new Float32Array(count * target.columns);
      for (let row = 0; row < count; row++) {
        const i = first + row;
        const from1 = Math.floor(i / two.rows) * one.columns;
        const from2 = (i % two.rows) * two.columns;
        for (let c1 = 0; c1 < one.columns; c1++) {
          const scale = (w1[from1 + c1] as number) * factor;
          const to = row * target.columns + c1 * two.columns;
          for (let c2 = 0; c2 < two.columns; c2++) result[to + c2] = scale * (w2[from2 + c2] as number);
        }
      }
      return result;
    },
  };
}

/**
 * Makes the change of one layer for the weight it targets.
 * @throws CheckpointError when the shapes do not fit the weight or parts are missing
 */
export function loraDeltaFor(
  lora: LoraFile,
  layer: LoraLayer,
  weight: string,
  shape: readonly number[],
): Promise<LoraDelta> {
  const [rows = 1, ...rest] = shape;
  const target = { rows, columns: elementCount(rest), weight };
  const { parts } = layer;
  if (parts.hadaW1A) return lohaDelta(lora, layer, target);
  if (parts.lokrW1 ?? parts.lokrW1A) return lokrDelta(lora, layer, target);
  return loraDelta(lora, layer, target);
}
