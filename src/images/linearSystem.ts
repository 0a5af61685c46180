/**
 * Solves `matrix · x = right` for a symmetric positive definite matrix, by Cholesky's decomposition.
 * @throws RangeError when the matrix is not positive definite: the equations do not determine the unknowns
 */
export function solveSymmetric(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const at = (rows: readonly (readonly number[])[], row: number, column: number) => rows[row]?.[column] ?? 0;
  const lower: number[][] = [];
  for (let row = 0; row < size; row++) {
    const values: number[] = [];
    lower.push(values);
    for (let column = 0; column <= row; column++) {
      let rest = at(matrix, row, column);
      for (let k = 0; k < column; k++) rest -= at(lower, row, k) * at(lower, column, k);
      if (column < row) {
        values.push(rest / at(lower, column, column));
      } else {
        // What rounding leaves of a pivot that should be zero is tiny against the value it came from.
        if (!(rest > 1e-12 * at(matrix, row, row))) {
          throw new RangeError("The examples do not determine the unknowns: they depend on each other.");
        }
        values.push(Math.sqrt(rest));
      }
    }
  }
  const middle: number[] = [];
  for (let row = 0; row < size; row++) {
    let rest = right[row] ?? 0;
    for (let k = 0; k < row; k++) rest -= at(lower, row, k) * (middle[k] ?? 0);
    middle.push(rest / at(lower, row, row));
  }
  const solution = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = middle[row] ?? 0;
    for (let k = row + 1; k < size; k++) rest -= at(lower, k, row) * (solution[k] ?? 0);
    solution[row] = rest / at(lower, row, row);
  }
  return solution;
}
