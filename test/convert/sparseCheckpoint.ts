import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import {
  baseUnet,
  type Shapes,
  textShapes,
  unetShapes,
  vaeShapes,
} from "../../bench/convert/networkShapes.ts";
import { originalOpenClip, originalUnet, originalVae } from "../../bench/convert/originalNames.ts";

/** The tensors of SDXL's base as a single file has them. */
function baseShapes(): Shapes {
  const clip = [...textShapes(768, 12)].map(
    ([name, shape]) => [`conditioner.embedders.0.transformer.${name}`, shape] as const,
  );
  return new Map([
    ...originalUnet(unetShapes(baseUnet), 3),
    ...originalVae(vaeShapes()),
    ...clip,
    ...originalOpenClip("conditioner.embedders.1.model.", 1280, 32),
  ]);
}

/** Writes a full-size SDXL checkpoint of zeros, which takes no space on disk: a file with a hole after its header. */
export function writeSparseCheckpoint(path: string): void {
  const header: Record<string, unknown> = {};
  let position = 0;
  for (const [name, shape] of baseShapes()) {
    const end = position + 2 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: "F16", shape, data_offsets: [position, end] };
    position = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(path, "wx");
  writeSync(file, Buffer.concat([length, text]));
  ftruncateSync(file, 8 + text.length + position);
  closeSync(file);
}
