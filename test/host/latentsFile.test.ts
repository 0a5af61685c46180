import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { npyBytes } from "../../src/host/latentsFile.ts";
import { f32 } from "../../src/openvino/tensor.ts";
import { readFloats } from "../support/npy.ts";

it("writes latents as NumPy reads them", () => {
  const folder = mkdtempSync(join(tmpdir(), "limner-npy-"));
  try {
    const file = join(folder, "latents.npy");
    const images = [1, 2].map((first) => f32([1, 4, 1, 2], [first, -0.5, 3e-20, 4, 5, 6, 7, 8]));
    const bytes = npyBytes(images);
    writeFileSync(file, bytes);
    const { shape, data } = readFloats(file);
    expect(shape).toEqual([2, 4, 1, 2]);
    expect([...data]).toEqual([...images.flatMap((image) => [...image.data])]);
    // The format asks that the data begin at a multiple of 64 and the header end with a line feed.
    expect((bytes.length - 2 * 8 * 4) % 64).toBe(0);
    expect(bytes[bytes.length - 2 * 8 * 4 - 1]).toBe(10);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
