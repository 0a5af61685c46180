import { fround, multiply, subtract } from "./float32.ts";

/**
 * Solves a small system by Gaussian elimination with partial pivoting, in float32.
 * @param matrix rows, square and not singular
 */
export function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  const size = rows.length;
  const at = (row: number, column: number) => rows[row]?.[column] as number;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(at(row, column)) > Math.abs(at(pivot, column))) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot] as number[], rows[column] as number[]];
    for (let row = column + 1; row < size; row++) {
      const factor = fround(at(row, column) / at(column, column));
      rows[row] = (rows[row] as number[]).map((value, k) => subtract(value, multiply(factor, at(column, k))));
    }
  }
  const solution: number[] = new Array(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = at(row, size);
    for (let k = row + 1; k < size; k++) rest = subtract(rest, multiply(at(row, k), solution[k] as number));
    solution[row] = fround(rest / at(row, row));
  }
  return solution;
}
