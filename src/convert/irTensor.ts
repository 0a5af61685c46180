import { open } from "node:fs/promises";
import { floatBytes } from "../checkpoints/floatValues.ts";
import { elementCount, type TensorSource } from "../checkpoints/tensorSource.ts";
import { byteSize, type ElementType } from "../graph/elementType.ts";
import { fromBfloat16, fromHalf } from "../graph/float16.ts";
import type { ConstantData, Node } from "../graph/graph.ts";
import { GraphError } from "../graph/graphError.ts";
import type { IrWeight } from "./irWeights.ts";

/** Reads bytes of a constant, which lies in a file or in memory. */
async function bytesOf(data: ConstantData | undefined, offset: number, count: number): Promise<Uint8Array> {
  // A copy of its own: the slice of a Buffer would share the buffer that is looked at below.
  if (data?.kind === "held") return new Uint8Array(data.bytes.subarray(offset, offset + count));
  if (data?.kind !== "file") throw new GraphError("A weight has no values in a file.");
  const handle = await open(data.file);
  try {
    const bytes = new Uint8Array(count);
    const { bytesRead } = await handle.read(bytes, 0, count, data.offset + offset);
    if (bytesRead !== count) throw new GraphError(`${data.file} ends in the middle of a weight.`);
    return bytes;
  } finally {
    await handle.close();
  }
}

async function floatsOf({ data, outputs }: Node, first: number, count: number): Promise<Float32Array> {
  const type: ElementType = outputs[0]?.type ?? "f32";
  const size = byteSize(type, [1]) ?? 0;
  const { buffer } = await bytesOf(data, first * size, count * size);
  if (type === "f32") return new Float32Array(buffer);
  const values = new Float32Array(count);
  if (type === "f16") fromHalf(new Uint16Array(buffer), values);
  else if (type === "bf16") fromBfloat16(new Uint16Array(buffer), values);
  else throw new GraphError(`A constant of type ${type} holds no floats.`);
  return values;
}

/** Rows of a weight as float32: (q − zero point) · scale where it is compressed. */
async function rowsOf(
  { stored }: IrWeight,
  columns: number,
  first: number,
  count: number,
): Promise<Float32Array> {
  switch (stored.kind) {
    case "float":
      return floatsOf(stored.constant, first * columns, count * columns);
    case "int8": {
      const quantized = await bytesOf(stored.constant.data, first * columns, count * columns);
      const zeroPoints = await bytesOf(stored.zeroPoint.data, first, count);
      const scales = await floatsOf(stored.scale, first, count);
      return Float32Array.from(quantized, (value, i) => {
        const row = Math.floor(i / columns);
        return (value - (zeroPoints[row] as number)) * (scales[row] as number);
      });
    }
    case "int4": {
      const packed = await bytesOf(stored.constant.data, (first * columns) / 2, (count * columns) / 2);
      const groups = columns / stored.groupSize;
      const scales = await floatsOf(stored.scale, first * groups, count * groups);
      return Float32Array.from({ length: count * columns }, (_, i) => {
        const nibble = ((packed[i >> 1] as number) >> (4 * (i & 1))) & 15;
        // Two's complement of four bits.
        const value = nibble > 7 ? nibble - 16 : nibble;
        return value * (scales[Math.floor(i / stored.groupSize)] as number);
      });
    }
    case "other":
      throw new GraphError(
        `The weight ${stored.constant.name} is compressed ${stored.what}, into which no LoRA can be merged. Get the checkpoint of this model and convert it.`,
      );
  }
}

/** A weight of an IR as a float32 tensor, decompressed as it is read. */
export function irTensor(name: string, weight: IrWeight): TensorSource {
  const { shape } = weight;
  const columns = elementCount(shape.slice(1));
  const rowBytes = columns * 4;
  return {
    name,
    dataType: "F32",
    shape,
    byteLength: elementCount(shape) * 4,
    async read(offset, target) {
      if (target.length === 0) return;
      const first = Math.floor(offset / rowBytes);
      const end = Math.ceil((offset + target.length) / rowBytes);
      const values = floatBytes(await rowsOf(weight, columns, first, end - first));
      const start = offset - first * rowBytes;
      target.set(values.subarray(start, start + target.length));
    },
  };
}
