import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { writeIr } from "../../src/graph/ir/writeIr.ts";
import { findModel } from "../../src/models/findModel.ts";
import { type ModelFolder, readModelFolder } from "../../src/models/modelFolder.ts";
import { submodelMemory } from "../../src/models/submodelMemory.ts";

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
    const resident = async (kernels: Parameters<typeof submodelMemory>[2]) =>
      (await submodelMemory(model, "unet", kernels)).resident / MiB;
    expect(await resident(f32)).toBe(24 + 40);
    expect(await resident({ floatBytes: 4, fromCache: true })).toBe(24 + 20);
    expect(await resident({ floatBytes: 2, fromCache: true })).toBe(24 + 10);
  });

  it("is what becomes of the weights of a large one, and its nodes", async () => {
    const builder = new GraphBuilder("large");
    const values = new Float32Array(5 * MiB).fill(1);
    const x = builder.parameter("x", "f32", [1, 1024]);
    const weight = builder.f32(values, "weight", [5 * 1024, 1024]);
    builder.result(builder.add("MatMul", [x, weight], { transpose_a: false, transpose_b: true }, "y"), "y");
    const graph = builder.build();
    const xml = join(folder, "large.xml");
    await writeIr(graph, xml, join(folder, "large.bin"));
    const model: ModelFolder = { ...box, xml: () => xml };
    const nodes = graph.nodes.length * 30 * 1024;
    expect((await submodelMemory(model, "unet", f32)).resident).toBe(5 * MiB * 4 * 2 + nodes);
    expect((await submodelMemory(model, "unet", { ...f32, fromCache: true })).resident).toBe(
      5 * MiB * 4 + nodes,
    );
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
