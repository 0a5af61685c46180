import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MatrixProduct } from "../checkpoints/matrixProduct.ts";
import { findRuntime } from "../openvino/find.ts";
import type { InferRequest, Runtime } from "../openvino/runtime.ts";

/** left [rows, inner] · right [inner, columns], every size open until it is called. */
const productIr = `<?xml version="1.0"?>
<net name="product" version="11">
<layers>
<layer id="0" name="left" type="Parameter" version="opset1"><data shape="?,?" element_type="f32"/><output><port id="0" precision="FP32" names="left"><dim>-1</dim><dim>-1</dim></port></output></layer>
<layer id="1" name="right" type="Parameter" version="opset1"><data shape="?,?" element_type="f32"/><output><port id="0" precision="FP32" names="right"><dim>-1</dim><dim>-1</dim></port></output></layer>
<layer id="2" name="product" type="MatMul" version="opset1"><data transpose_a="false" transpose_b="false"/><input><port id="0" precision="FP32"><dim>-1</dim><dim>-1</dim></port><port id="1" precision="FP32"><dim>-1</dim><dim>-1</dim></port></input><output><port id="2" precision="FP32" names="product"><dim>-1</dim><dim>-1</dim></port></output></layer>
<layer id="3" name="result" type="Result" version="opset1"><input><port id="0" precision="FP32"><dim>-1</dim><dim>-1</dim></port></input></layer>
</layers>
<edges><edge from-layer="0" from-port="0" to-layer="2" to-port="0"/><edge from-layer="1" from-port="0" to-layer="2" to-port="1"/><edge from-layer="2" from-port="2" to-layer="3" to-port="0"/></edges>
</net>
`;

/** A way to multiply, to be disposed of after use. */
export interface ProductMachine {
  readonly product: MatrixProduct;
  dispose(): Promise<void>;
}

async function multiply(
  request: InferRequest,
  left: Float32Array,
  right: Float32Array,
  shape: { rows: number; inner: number; columns: number },
): Promise<Float32Array> {
  const { product } = await request.infer({
    left: { shape: [shape.rows, shape.inner], type: "f32", data: left },
    right: { shape: [shape.inner, shape.columns], type: "f32", data: right },
  });
  if (!(product?.data instanceof Float32Array)) throw new Error("The runtime returned no product.");
  return product.data;
}

/** Multiplies on the runtime's CPU in float32, one product after another. */
export async function runtimeProduct(runtime: Runtime): Promise<ProductMachine> {
  const folder = await mkdtemp(join(tmpdir(), "limner-product-"));
  try {
    const xml = join(folder, "product.xml");
    await writeFile(xml, productIr);
    await writeFile(join(folder, "product.bin"), "");
    const model = await runtime.compile({ xml }, { properties: { INFERENCE_PRECISION_HINT: "f32" } });
    const request = model.createInferRequest();
    let last: Promise<unknown> = Promise.resolve();
    return {
      product(left, right, rows, inner, columns) {
        const next = last.then(() => multiply(request, left, right, { rows, inner, columns }));
        last = next.catch(() => undefined);
        return next;
      },
      async dispose() {
        await last;
        request.dispose();
        model.dispose();
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The multiplication of a runtime that is on this machine; it is many times faster than ours. */
export async function findProductMachine(): Promise<ProductMachine | undefined> {
  const { runtime } = await findRuntime();
  if (!runtime) return undefined;
  const machine = await runtimeProduct(runtime).catch(() => undefined);
  if (!machine) {
    runtime.dispose();
    return undefined;
  }
  return {
    product: machine.product,
    async dispose() {
      await machine.dispose();
      runtime.dispose();
    },
  };
}
