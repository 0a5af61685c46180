import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { writeIr } from "../../src/graph/ir/writeIr.ts";
import { compressWeights } from "../../src/graph/passes/compressWeights.ts";
import { findModel } from "../../src/models/findModel.ts";
import { type ModelFolder, readModelFolder } from "../../src/models/modelFolder.ts";
import { type Kernels, submodelMemory } from "../../src/models/submodelMemory.ts";

const MiB = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), "limner-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const f32 = { floatBytes: 4, fromCache: false } as const;
const box = readModelFolder(findModel());

describe("what a submodel takes in memory", () => {
  it("has a bound for small ones, without a look into their graphs", async () => {
    const xml = join(folder, "small.xml");
    writeFileSync(xml, "no graph");
    writeFileSync(join(folder, "small.bin"), "");
    truncateSync(join(folder, "small.bin"), 5 * MiB);
    const model: ModelFolder = { ...box, xml: () => xml };
    const resident = async (kernels: Kernels) =>
      (await submodelMemory(model, "unet", kernels)).resident / MiB;
    expect(await resident(f32)).toBe(24 + 40);
    expect(await resident({ floatBytes: 4, fromCache: true })).toBe(24 + 20);
    expect(await resident({ floatBytes: 2, fromCache: true })).toBe(24 + 10);
  });

  /** A convolution of 20 MiB of values in bytes, and a linear layer of 5 MiB. */
  function layers(): Graph {
    const builder = new GraphBuilder("large");
    const constant = (name: string, shape: readonly number[]) =>
      builder.f32(
        new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(1),
        name,
        shape,
      );
    const x = builder.parameter("x", "f32", [1, 1024]);
    const linear = { transpose_a: false, transpose_b: true };
    builder.result(builder.add("MatMul", [x, constant("linear", [5 * 1024, 1024])], linear, "y"), "y");
    const picture = builder.parameter("picture", "f32", [1, 1024, -1, -1]);
    const window = { strides: [1, 1], dilations: [1, 1], pads_begin: [0, 0], pads_end: [0, 0] } as const;
    const kernel = constant("kernel", [20 * 1024, 1024, 1, 1]);
    builder.result(
      builder.add("Convolution", [picture, kernel], { ...window, auto_pad: "explicit" }, "conv"),
      "conv",
    );
    return builder.build();
  }

  it.each([
    ["floats", layers(), { cold: 25 * 4, cached: 25 * 4, half: 25 * 2 }],
    // Convolutions become floats, twice until the compiled model comes from the cache; linear layers stay as they are.
    [
      "int8",
      compressWeights(layers(), { kind: "int8" }),
      { cold: 5 + 2 * 20 * 4, cached: 5 + 20 * 4, half: 5 + 2 * 20 * 2 },
    ],
  ] as const)("is what becomes of large weights in %s, and nodes", async (name, graph, expected) => {
    const xml = join(folder, `${name}.xml`);
    await writeIr(graph, xml, join(folder, `${name}.bin`));
    const model: ModelFolder = { ...box, xml: () => xml };
    const nodes = graph.nodes.length * 30 * 1024;
    const resident = async (kernels: Kernels) =>
      ((await submodelMemory(model, "unet", kernels)).resident - nodes) / MiB;
    expect(Math.abs((await resident(f32)) - expected.cold)).toBeLessThan(0.5);
    expect(Math.abs((await resident({ ...f32, fromCache: true })) - expected.cached)).toBeLessThan(0.5);
    expect(Math.abs((await resident({ ...f32, floatBytes: 2 })) - expected.half)).toBeLessThan(0.5);
  });

  it("rises with the pixels of a picture, not for text, and is half with half the bytes", async () => {
    const working = async (
      submodel: "unet" | "vae_decoder" | "text_encoder",
      floatBytes: 2 | 4,
      width: number,
    ) => (await submodelMemory(box, submodel, { ...f32, floatBytes })).working({ width, height: 128 });
    for (const submodel of ["unet", "vae_decoder"] as const) {
      const once = await working(submodel, 4, 128);
      expect(once).toBeGreaterThan(MiB / 2);
      expect(await working(submodel, 4, 384)).toBeCloseTo(3 * once);
      expect(await working(submodel, 2, 128)).toBeCloseTo(once / 2);
    }
    expect(await working("text_encoder", 4, 384)).toBe(0);
  });
});
