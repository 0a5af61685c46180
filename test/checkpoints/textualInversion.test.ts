import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { readTextualInversion } from "../../src/checkpoints/textualInversion.ts";
import {
  f32,
  safetensorsBytes,
  type TensorToWrite,
  temporaryFolder,
  writeFileIn,
} from "./safetensorsWriter.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const read = (tensors: Record<string, TensorToWrite>) =>
  readTextualInversion(writeFileIn(folder, "word.safetensors", safetensorsBytes(tensors)));

describe("a textual-inversion embedding", () => {
  it("has vectors for both text encoders", async () => {
    const { token, encoders } = await read({
      clip_l: f32([2, 3], [1, 2, 3, 4, 5, 6]),
      clip_g: f32([1, 4], [7, 8, 9, 10]),
    });
    expect(token).toBeUndefined();
    expect(encoders).toEqual([
      { vectors: 2, width: 3, values: Float32Array.of(1, 2, 3, 4, 5, 6) },
      { vectors: 1, width: 4, values: Float32Array.of(7, 8, 9, 10) },
    ]);
  });

  it("may have them for one, in half floats", async () => {
    const half = { dtype: "F16", shape: [1, 2], bytes: Uint8Array.of(0, 0x3c, 0, 0xc0) };
    expect((await read({ emb_params: half })).encoders).toEqual([
      { vectors: 1, width: 2, values: Float32Array.of(1, -2) },
    ]);
  });

  it("names its word in diffusers' form, where one vector is a list", async () => {
    expect(await read({ "<cat-toy>": f32([3], [1, 2, 3]) })).toEqual({
      token: "<cat-toy>",
      encoders: [{ vectors: 1, width: 3, values: Float32Array.of(1, 2, 3) }],
    });
  });

  it("is refused when it is something else", async () => {
    const one = f32([1, 1], [1]);
    await expect(read({ a: one, b: one, c: one })).rejects.toThrow("holds 3 tensors");
    await expect(read({ a: f32([1, 1, 1], [1]) })).rejects.toThrow("has the shape [1, 1, 1]");
    await expect(read({ a: { dtype: "U8", shape: [1, 2] } })).rejects.toThrow(
      "of type U8 do not hold weights",
    );
  });
});
