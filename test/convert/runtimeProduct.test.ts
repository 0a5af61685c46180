import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainProduct } from "../../src/checkpoints/matrixProduct.ts";
import { type ProductMachine, runtimeProduct } from "../../src/convert/runtimeProduct.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { relativeDifference } from "../support/difference.ts";

let runtime: Runtime;
let machine: ProductMachine;
beforeAll(async () => {
  runtime = await openRuntime();
  machine = await runtimeProduct(runtime);
});
afterAll(async () => {
  await machine?.dispose();
  runtime?.dispose();
});

const waves = (length: number, step: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(1 + i * step));

describe("the runtime's product", () => {
  it("is ours, in float32, for any shape and several at once", async () => {
    const shapes = [
      [1, 1, 1],
      [300, 64, 500],
      [7, 3, 11],
    ] as const;
    await Promise.all(
      shapes.map(async ([rows, inner, columns]) => {
        const left = waves(rows * inner, 0.7);
        const right = waves(inner * columns, 1.3);
        const expected = await plainProduct(left, right, rows, inner, columns);
        const product = await machine.product(left, right, rows, inner, columns);
        expect(relativeDifference(product, expected)).toBeLessThan(1e-5);
      }),
    );
  });
});
