import { CheckpointError } from "./checkpointError.ts";
import { floatBytes, readFloats } from "./floatValues.ts";
import type { LoraDelta } from "./loraDelta.ts";
import type { MatrixProduct } from "./matrixProduct.ts";
import { elementCount, type TensorSource } from "./tensorSource.ts";

/** A change with the scale that the user gave it. */
export interface ScaledDelta {
  readonly delta: LoraDelta;
  readonly scale: number;
}

/** `values += scale · change`, or DoRA's form of it: every row of the sum brought to its stored magnitude. */
async function apply(
  values: Float32Array,
  columns: number,
  first: number,
  { delta, scale }: ScaledDelta,
  product: MatrixProduct,
): Promise<void> {
  const count = values.length / columns;
  const change = await delta.rows(first, count, product);
  if (!delta.magnitude) {
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + scale * (change[i] as number);
    return;
  }
  const magnitude = await readFloats(delta.magnitude, first, count);
  for (let row = 0; row < count; row++) {
    const start = row * columns;
    let squares = 0;
    for (let i = start; i < start + columns; i++)
      squares += ((values[i] as number) + (change[i] as number)) ** 2;
    const factor = (magnitude[row] as number) / Math.sqrt(squares);
    for (let i = start; i < start + columns; i++) {
      const old = values[i] as number;
      values[i] = old + scale * ((old + (change[i] as number)) * factor - old);
    }
  }
}

/** Refuses DoRA's older form, whose magnitudes belong to columns. */
function checkMagnitude({ magnitude }: LoraDelta, rows: number, name: string): void {
  if (!magnitude) return;
  const perRow = elementCount(magnitude.shape) === rows;
  const asColumn = magnitude.shape.length === 2 && magnitude.shape[0] === 1 && rows !== 1;
  if (!perRow || asColumn)
    throw new CheckpointError(
      "unsupported",
      `The DoRA for ${name} stores one magnitude per input column ([${magnitude.shape.join(", ")}]); only magnitudes per output row can be merged.`,
    );
}

/**
 * A weight with changes merged into it, in float32: W + Σ scale · change, computed by rows as it is read. Reading
 * whole rows, many at once, avoids computing any twice.
 */
export function mergedTensor(
  base: TensorSource,
  deltas: readonly ScaledDelta[],
  product: MatrixProduct,
): TensorSource {
  const [rows = 1, ...rest] = base.shape;
  const columns = elementCount(rest);
  for (const { delta } of deltas) checkMagnitude(delta, rows, base.name);
  const rowBytes = columns * 4;
  return {
    name: base.name,
    dataType: "F32",
    shape: base.shape,
    byteLength: rows * rowBytes,
    async read(offset, target) {
      if (target.length === 0) return;
      const first = Math.floor(offset / rowBytes);
      const end = Math.ceil((offset + target.length) / rowBytes);
      const values = await readFloats(base, first * columns, (end - first) * columns);
      for (const delta of deltas) await apply(values, columns, first, delta, product);
      const start = offset - first * rowBytes;
      target.set(floatBytes(values).subarray(start, start + target.length));
    },
  };
}
