import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readEmbeddings } from "../../src/models/embeddingFiles.ts";
import type { ModelFolder } from "../../src/models/modelFolder.ts";
import {
  f32,
  safetensorsBytes,
  type TensorToWrite,
  temporaryFolder,
  writeFileIn,
} from "../checkpoints/safetensorsWriter.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** A model of which only what embeddings need is there. */
const model = (...widths: number[]): ModelFolder =>
  ({ name: "tiny", textEncoders: widths.map((hiddenSize) => ({ hiddenSize })) }) as unknown as ModelFolder;

const file = (name: string, tensors: Record<string, TensorToWrite>) =>
  writeFileIn(folder, name, safetensorsBytes(tensors));

const left = f32([2, 3], [1, 2, 3, 4, 5, 6]);
const right = f32([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]);

describe("files of embeddings", () => {
  it("are named by their file, and give each encoder the vectors of its width", async () => {
    const path = file("My Style.v2.safetensors", { clip_g: right, clip_l: left });
    expect(await readEmbeddings([path], model(3, 4))).toEqual([
      {
        word: "My Style.v2",
        encoders: [
          { count: 2, width: 3, values: Float32Array.of(1, 2, 3, 4, 5, 6) },
          { count: 2, width: 4, values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
        ],
      },
    ]);
  });

  it("keep their order where both encoders are of one width", async () => {
    const path = file("same.safetensors", { clip_l: f32([1, 2], [1, 2]), clip_g: f32([1, 2], [3, 4]) });
    const [embedding] = await readEmbeddings([path], model(2, 2));
    expect(embedding?.encoders.map(({ values }) => [...values])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("serve a refiner with the vectors of its one encoder", async () => {
    const path = file("both.safetensors", { clip_l: left, clip_g: right });
    const [embedding] = await readEmbeddings([path], model(4));
    expect(embedding?.encoders.map(({ width }) => width)).toEqual([4]);
  });

  it("are refused where they were made for another kind of model", async () => {
    const path = file("old.safetensors", { emb_params: left });
    await expect(readEmbeddings([path], model(3, 4))).rejects.toThrow(
      "The embedding old.safetensors has vectors of width 3, but tiny reads 3 and 4: it was made for another kind of model.",
    );
  });

  it("are refused where the encoders have different numbers of vectors", async () => {
    const path = file("odd.safetensors", { clip_l: left, clip_g: f32([1, 4], [1, 2, 3, 4]) });
    await expect(readEmbeddings([path], model(3, 4))).rejects.toThrow(
      "The embedding odd.safetensors has 2 and 1 vectors for the two text encoders",
    );
  });

  it("are refused where two have the same name", async () => {
    const paths = ["style.safetensors", "STYLE.safetensors"].map((name) =>
      file(name, { clip_l: left, clip_g: right }),
    );
    await expect(readEmbeddings(paths, model(3, 4))).rejects.toThrow('Two embeddings are called "STYLE".');
  });

  it("are refused in a sentence where they cannot be read", async () => {
    const damaged = writeFileIn(folder, "damaged.safetensors", "not a file of tensors");
    for (const path of [damaged, join(folder, "missing.safetensors")]) {
      await expect(readEmbeddings([path], model(3, 4))).rejects.toMatchObject({
        name: "LimnerError",
        code: "invalid-request",
      });
    }
  });
});
