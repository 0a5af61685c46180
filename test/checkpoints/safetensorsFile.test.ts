import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { readFloats } from "../../src/checkpoints/floatValues.ts";
import { openSafetensors } from "../../src/checkpoints/safetensorsFile.ts";
import { f32, safetensorsBytes, temporaryFolder, withHeader, writeFileIn } from "./safetensorsWriter.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** Opens what `bytes` holds and returns the sentence it is refused with. */
async function refusal(bytes: Uint8Array | string, name = "model.safetensors"): Promise<string> {
  const error = await openSafetensors(writeFileIn(folder, name, bytes)).then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error?.name).toBe("CheckpointError");
  return error?.message ?? "";
}

const entry = (dtype: string, shape: unknown, begin: unknown, end: unknown) =>
  JSON.stringify({ x: { dtype, shape, data_offsets: [begin, end] } });

describe("a safetensors file", () => {
  it("gives its values as float32, whatever type they are stored in", async () => {
    const bytes = safetensorsBytes(
      {
        full: f32([2, 2], [1, -2.5, 3e-5, 65504]),
        half: { dtype: "F16", shape: [4], bytes: Uint8Array.of(0, 0x3c, 0, 0xc1, 1, 0, 0xff, 0x7b) },
        brain: { dtype: "BF16", shape: [2], bytes: Uint8Array.of(0x80, 0x3f, 0x49, 0xc0) },
        double: { dtype: "F64", shape: [1], bytes: new Uint8Array(Float64Array.of(0.1).buffer) },
      },
      { format: "pt" },
    );
    const set = await openSafetensors(writeFileIn(folder, "types.safetensors", bytes));
    const values = async (name: string) => {
      const source = set.tensors.get(name);
      return source ? [...(await readFloats(source))] : undefined;
    };
    expect(await values("full")).toEqual([1, -2.5, Math.fround(3e-5), 65504]);
    // 0x3c00 = 1, 0xc100 = −2.5, 0x0001 = the smallest subnormal, 0x7bff = the largest finite value.
    expect(await values("half")).toEqual([1, -2.5, 2 ** -24, 65504]);
    expect(await values("brain")).toEqual([1, -3.140625]);
    expect(await values("double")).toEqual([Math.fround(0.1)]);
    expect(set.tensors.get("full")?.shape).toEqual([2, 2]);
    expect(set.metadata.get("format")).toBe("pt");
    await set.close();
  });

  it("reads any part of a tensor and nothing beyond it", async () => {
    const bytes = safetensorsBytes({ a: f32([3], [1, 2, 3]), b: f32([2], [4, 5]) });
    const set = await openSafetensors(writeFileIn(folder, "parts.safetensors", bytes));
    const a = set.tensors.get("a");
    if (!a) throw new Error("a is missing");
    expect([...(await readFloats(a, 1, 2))]).toEqual([2, 3]);
    await expect(a.read(8, new Uint8Array(8))).rejects.toThrow("bytes 8 to 16 are not in the tensor");
    await expect(a.read(2, new Uint8Array(4))).rejects.toThrow(RangeError);
    await set.close();
  });

  it("keeps odd names apart from JavaScript's own", async () => {
    const header = `{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"constructor":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`;
    const set = await openSafetensors(
      writeFileIn(folder, "names.safetensors", withHeader(header, new Uint8Array(8))),
    );
    expect([...set.tensors.keys()]).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>)["dtype"]).toBeUndefined();
    await set.close();
  });
});

describe("a damaged safetensors file is refused", () => {
  const data = new Uint8Array(16);
  it.each([
    ["without a header", Uint8Array.of(1, 2, 3), "has 3 bytes"],
    [
      "with a header longer than the file",
      Buffer.concat([Buffer.from("ffffffff00000000", "hex"), data]),
      "header would take 4294967295 of 24 bytes",
    ],
    [
      "with a length that is no length",
      Buffer.concat([Buffer.alloc(8, 0xff), data]),
      "is no safetensors file",
    ],
    ["with a header that is not JSON", withHeader("{oops", data), "not valid JSON"],
    [
      "with a header that is not UTF-8",
      Buffer.concat([Buffer.from("0200000000000000", "hex"), Buffer.from([0xff, 0xfe]), data]),
      "not valid JSON",
    ],
    ["with a header that is a list", withHeader("[1]", data), "not a JSON object"],
    ["with a tensor that is no object", withHeader('{"x":5}', data), 'the tensor "x" has no description'],
    ["with an unknown type", withHeader(entry("Q7", [1], 0, 4), data), 'the unknown type "Q7"'],
    ["with a negative dimension", withHeader(entry("F32", [-1], 0, 4), data), "no valid shape"],
    [
      "with too many dimensions",
      withHeader(entry("F32", [1, 1, 1, 1, 1, 1, 1, 1, 1], 0, 4), data),
      "no valid shape",
    ],
    ["with a fractional dimension", withHeader(entry("F32", [1.5], 0, 6), data), "no valid shape"],
    ["with offsets back to front", withHeader(entry("F32", [1], 4, 0), data), "no valid data_offsets"],
    [
      "with offsets that are no numbers",
      withHeader(entry("F32", [1], "0", 4), data),
      "no valid data_offsets",
    ],
    ["with bytes outside the file", withHeader(entry("F32", [4], 4, 20), data), "ends at byte 20 of 16"],
    [
      "with a shape that needs more bytes",
      withHeader(entry("F32", [5], 0, 16), data),
      "takes 16 bytes where its shape [5] needs 20",
    ],
    [
      "with a shape that overflows",
      withHeader(entry("F32", [2 ** 40, 2 ** 40], 0, 16), data),
      "takes 16 bytes",
    ],
    [
      "with tensors on top of each other",
      withHeader(
        '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[8],"data_offsets":[7,15]}}',
        data,
      ),
      'the tensors "a" and "b" overlap',
    ],
    [
      "in 8-bit floats, by name",
      withHeader(entry("F8_E4M3", [4], 0, 4), data),
      'stored as "F8_E4M3" (8 bits or fewer)',
    ],
  ])("%s", async (_, bytes, message) => {
    expect(await refusal(bytes)).toContain(message);
  });

  it("when it is a pickle by another name", async () => {
    const zip = Buffer.concat([Buffer.from("PK\u0003\u0004"), data]);
    expect(await refusal(zip)).toContain("is a Python pickle, which can run any code");
    expect(await refusal(Buffer.from("80028a0a6cfc9c46f9", "hex"))).toContain("is a Python pickle");
  });

  it("when it is not there", async () => {
    await expect(openSafetensors(`${folder}/absent.safetensors`)).rejects.toThrow("cannot be opened");
  });
});
