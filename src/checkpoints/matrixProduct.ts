/**
 * Multiplies `left` [rows, inner] by `right` [inner, columns], both row by row, into a new [rows, columns].
 * Whoever has a faster way (the runtime) passes its own.
 */
export type MatrixProduct = (
  left: Float32Array,
  right: Float32Array,
  rows: number,
  inner: number,
  columns: number,
) => Promise<Float32Array>;

/** Adds `factors` [4] times four rows of `right` from `first` on to one row of the result. */
function addFourRows(
  out: Float32Array,
  right: Float32Array,
  first: number,
  factors: readonly number[],
): void {
  const columns = out.length;
  const [a = 0, b = 0, c = 0, d = 0] = factors;
  const r0 = right.subarray(first, first + columns);
  const r1 = right.subarray(first + columns, first + 2 * columns);
  const r2 = right.subarray(first + 2 * columns, first + 3 * columns);
  const r3 = right.subarray(first + 3 * columns, first + 4 * columns);
  for (let j = 0; j < columns; j++)
    out[j] =
      (out[j] as number) +
      a * (r0[j] as number) +
      b * (r1[j] as number) +
      c * (r2[j] as number) +
      d * (r3[j] as number);
}

/** The product in plain JavaScript: four terms of each sum at a time, so that a sum is rounded less often. */
export const plainProduct: MatrixProduct = async (left, right, rows, inner, columns) => {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const out = result.subarray(row * columns, (row + 1) * columns);
    const leftRow = left.subarray(row * inner, (row + 1) * inner);
    let k = 0;
    for (; k + 4 <= inner; k += 4)
      addFourRows(out, right, k * columns, Array.from(leftRow.subarray(k, k + 4)));
    for (; k < inner; k++) {
      const factor = leftRow[k] as number;
      const term = right.subarray(k * columns, (k + 1) * columns);
      for (let j = 0; j < columns; j++) out[j] = (out[j] as number) + factor * (term[j] as number);
    }
  }
  return result;
};

/** Multiply-adds below which handing a product to something else costs more than the product. */
const smallProduct = 16_000_000;

/** Multiplies large matrices by `large` and small ones in plain JavaScript. */
export function productBySize(large: MatrixProduct): MatrixProduct {
  return (left, right, rows, inner, columns) => {
    const product = rows * inner * columns < smallProduct ? plainProduct : large;
    return product(left, right, rows, inner, columns);
  };
}
