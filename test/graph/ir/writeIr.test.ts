import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../../src/graph/builder.ts";
import type { ConstantData, Graph, LazyData } from "../../../src/graph/graph.ts";
import { binLayout } from "../../../src/graph/ir/binLayout.ts";
import { readAllData } from "../../../src/graph/ir/readData.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { writeDerivedXml, writeIr } from "../../../src/graph/ir/writeIr.ts";
import { temporaryFolder } from "../support/inference.ts";

/** A graph of nothing but constants of u8. */
function constants(...all: ConstantData[]): Graph {
  const builder = new GraphBuilder("constants");
  for (const [index, data] of all.entries()) {
    const size = data.kind === "held" ? data.bytes.byteLength : data.size;
    builder.constant("u8", [size], data, `c${index}`);
  }
  return builder.build();
}

const held = (...bytes: number[]): ConstantData => ({ kind: "held", bytes: Uint8Array.from(bytes) });

function lazy(size: number, ...pieces: number[][]): LazyData {
  return {
    kind: "lazy",
    size,
    async *open() {
      for (const piece of pieces) yield Uint8Array.from(piece);
    },
  };
}

function target() {
  const folder = temporaryFolder();
  return {
    xml: path.join(folder, "m.xml"),
    bin: path.join(folder, "m.bin"),
    source: path.join(folder, "source.bin"),
  };
}

/** What the constants of a written graph hold. */
async function contents(xml: string): Promise<number[][]> {
  const { nodes } = await readIr(xml);
  return Promise.all(nodes.map(async ({ data }) => (data ? [...(await readAllData(data))] : [])));
}

describe("a .bin", () => {
  it("holds what was held, made, and in files", async () => {
    const { xml, bin, source } = target();
    writeFileSync(source, Uint8Array.from([9, 8, 7, 6, 5]));
    const file: ConstantData = { kind: "file", file: source, offset: 1, size: 3 };
    await writeIr(constants(held(1, 2), lazy(5, [1], [2, 3, 4], [5]), file), xml, bin);
    expect(await contents(xml)).toEqual([
      [1, 2],
      [1, 2, 3, 4, 5],
      [8, 7, 6],
    ]);
  });

  it("begins constants at multiples of 64 bytes and holds equal ones once", async () => {
    const { xml, bin, source } = target();
    writeFileSync(source, Uint8Array.from([9, 8, 7, 6, 5]));
    const file = (): ConstantData => ({ kind: "file", file: source, offset: 1, size: 3 });
    const made = lazy(2, [4, 4]);
    const graph = constants(held(1, 2), file(), held(1, 2), file(), made, made);
    await writeIr(graph, xml, bin);
    const { nodes } = await readIr(xml);
    const offsets = nodes.map(({ data }) => (data?.kind === "file" ? data.offset : -1));
    expect(offsets).toEqual([0, 64, 0, 64, 128, 128]);
    expect(statSync(bin).size).toBe(130);
  });

  it("tells how far it is, in bytes", async () => {
    const { xml, bin } = target();
    const told: [number, number][] = [];
    const onProgress = (done: number, total: number) => told.push([done, total]);
    await writeIr(constants(held(1, 2), lazy(4, [1, 2], [3, 4])), xml, bin, { onProgress });
    expect(told).toEqual([
      [2, 68],
      [66, 68],
      [68, 68],
    ]);
  });

  it("is not left behind when it is cancelled", async () => {
    const { xml, bin } = target();
    const controller = new AbortController();
    const data: LazyData = {
      kind: "lazy",
      size: 2,
      async *open() {
        yield Uint8Array.of(1);
        controller.abort();
        yield Uint8Array.of(2);
      },
    };
    const writing = writeIr(constants(held(3), data), xml, bin, { signal: controller.signal });
    await expect(writing).rejects.toThrow(/aborted/);
    expect([existsSync(xml), existsSync(bin)]).toEqual([false, false]);
  });

  it.each([
    ["too little", lazy(3, [1, 2]), "gave 2 bytes where it said 3"],
    ["too much", lazy(3, [1, 2], [3, 4]), "gave more than the 3 bytes it said"],
  ])("is refused where a constant gives %s", async (_, data, message) => {
    const { xml, bin } = target();
    await expect(writeIr(constants(data), xml, bin)).rejects.toThrow(message);
    expect([existsSync(xml), existsSync(bin)]).toEqual([false, false]);
  });

  it("is refused where a file has become shorter", async () => {
    const { xml, bin, source } = target();
    writeFileSync(source, Uint8Array.from([1, 2]));
    const data: ConstantData = { kind: "file", file: source, offset: 0, size: 3 };
    await expect(writeIr(constants(data), xml, bin)).rejects.toThrow(
      /source\.bin ends at byte 2, in the middle/,
    );
  });

  it("is never written over the constants' own file", async () => {
    const { xml, bin } = target();
    writeFileSync(bin, Uint8Array.from([1, 2, 3]));
    const data: ConstantData = { kind: "file", file: bin, offset: 0, size: 3 };
    await expect(writeIr(constants(data), xml, bin)).rejects.toThrow(/write it to another file/);
    expect([...readFileSync(bin)]).toEqual([1, 2, 3]);
  });

  it("has places beyond 4 GB", () => {
    const large = (): LazyData => lazy(3_000_000_001);
    const { entries, size } = binLayout(constants(large(), large(), large()));
    expect(entries.map(({ place }) => place.offset)).toEqual([0, 3_000_000_064, 6_000_000_128]);
    expect(size).toBe(9_000_000_129);
  });
});

describe("an .xml over another graph's .bin", () => {
  it("points beyond 4 GB", async () => {
    const { xml, bin } = target();
    const offset = 5 * 2 ** 30;
    writeFileSync(bin, "");
    truncateSync(bin, offset + 4);
    const file = await open(bin, "r+");
    await file.write(Uint8Array.from([1, 2, 3, 4]), 0, 4, offset);
    await file.close();
    await writeDerivedXml(constants({ kind: "file", file: bin, offset, size: 4 }), xml, bin);
    expect(readFileSync(xml, "utf8")).toContain('offset="5368709120"');
    expect(await contents(xml)).toEqual([[1, 2, 3, 4]]);
  });

  it("finds small constants that a pass added in the .bin, or makes them of single bytes", async () => {
    const { xml, bin } = target();
    writeFileSync(bin, Uint8Array.from([0, 255, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]));
    const builder = new GraphBuilder("small");
    builder.result(
      builder.add("Reshape", [builder.i64(3), builder.i64([-1, 2])], { special_zero: false }),
      "y",
    );
    await writeDerivedXml(builder.build(), xml, bin);
    const { nodes } = await readIr(xml);
    expect(nodes.map(({ type }) => type)).toEqual([
      "Const",
      "Const",
      "Convert",
      "Const",
      "Convert",
      "Concat",
      "Reshape",
      "Result",
    ]);
    const whole = await contents(xml);
    expect([whole[0], whole[1], whole[3]]).toEqual([[3, 0, 0, 0, 0, 0, 0, 0], [255], [2]]);
  });

  it("is refused where a constant is not in the .bin", async () => {
    const { xml, bin } = target();
    writeFileSync(bin, Uint8Array.from([1]));
    await expect(writeDerivedXml(constants(lazy(1, [1])), xml, bin)).rejects.toThrow(/is not in .*m\.bin/);
    const builder = new GraphBuilder("pi");
    builder.f32(Math.PI, "pi");
    await expect(writeDerivedXml(builder.build(), xml, bin)).rejects.toThrow(
      /The constant "pi" is not in .*m\.bin/,
    );
    expect(existsSync(xml)).toBe(false);
  });
});
