import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readFloats } from "../../src/checkpoints/floatValues.ts";
import { openSharded } from "../../src/checkpoints/shardedFile.ts";
import { f32, safetensorsBytes, temporaryFolder, writeFileIn } from "./safetensorsWriter.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));
writeFileIn(folder, "one.safetensors", safetensorsBytes({ a: f32([1], [1]) }));
writeFileIn(folder, "two.safetensors", safetensorsBytes({ b: f32([1], [2]) }));

const open = (index: unknown) =>
  openSharded(writeFileIn(folder, "model.safetensors.index.json", JSON.stringify(index)));

describe("a sharded checkpoint", () => {
  it("is one set of tensors", async () => {
    const set = await open({ weight_map: { a: "one.safetensors", b: "two.safetensors" } });
    const values: number[] = [];
    for (const source of set.tensors.values()) values.push(...(await readFloats(source)));
    expect(values).toEqual([1, 2]);
    await set.close();
  });

  it.each([
    "../secret.safetensors",
    "/etc/x.safetensors",
    "a/b.safetensors",
    "..\\x.safetensors",
    ".safetensors",
    7,
    null,
  ])("may not lead elsewhere: %j", async (name) => {
    await expect(open({ weight_map: { a: name } })).rejects.toThrow(
      "shards must be .safetensors files beside the index",
    );
  });

  it("must keep its promises", async () => {
    await expect(open({ weight_map: { c: "one.safetensors" } })).rejects.toThrow(
      'promises the tensor "c" in one.safetensors, which does not have it',
    );
    await expect(open({ weight_map: { c: "three.safetensors" } })).rejects.toThrow(
      `${join(folder, "three.safetensors")} cannot be opened`,
    );
    await expect(open({ weight_map: {} })).rejects.toThrow("lists 0 files");
    await expect(open({})).rejects.toThrow("has no weight_map");
    await expect(openSharded(writeFileIn(folder, "x.json", "{"))).rejects.toThrow("is not valid JSON");
  });
});
