// What a model of the hub will take is what the model on the disk takes, by the same estimate.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convertModel } from "../../src/convert/convertModel.ts";
import type { RepositoryFile } from "../../src/hub/repositoryListing.ts";
import { describeModel } from "../../src/models/inspectModel.ts";
import type { ReadBytes } from "../../src/models/remoteHeader.ts";
import type { RepositoryKind } from "../../src/models/repositoryKind.ts";
import { repositoryMemory } from "../../src/models/repositoryMemory.ts";
import { servedFolder } from "../hub/servedFolder.ts";
import { tinySingleFile } from "../hub/tinySingleFile.ts";

let folder: string;
let checkpoint: Uint8Array;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-need-"));
  // Its UNet is too large for the bound of small models: the graph counts.
  checkpoint = tinySingleFile(320);
  writeFileSync(join(folder, "model.safetensors"), checkpoint);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files of a repository, and how many bytes of them were read. */
function served(files: Readonly<Record<string, Uint8Array>>) {
  let bytesRead = 0;
  const listed: RepositoryFile[] = Object.entries(files).map(([path, { length }]) => ({
    path,
    size: length,
    etag: "0".repeat(40),
  }));
  const read: ReadBytes = async ({ path }, first, count) => {
    bytesRead += count;
    return files[path]?.slice(first, first + count) ?? new Uint8Array();
  };
  return { listed, read, bytesRead: () => bytesRead };
}

describe("memory that a model of the hub will take", () => {
  it.each(["int8", "fp16"] as const)(
    "is that of its conversion to %s, and of that as IR",
    async (weights) => {
      const hub = served({ "model.safetensors": checkpoint });
      const found: RepositoryKind = { kind: "single-file", files: hub.listed };
      const need = await repositoryMemory(found, hub.read, {}, { weights });
      expect(hub.bytesRead()).toBeLessThan(checkpoint.length / 50);
      const out = join(folder, weights);
      await convertModel({ source: join(folder, "model.safetensors"), out, weights }, { threads: 0 });
      expect(statSync(join(out, "unet", "openvino_model.bin")).size).toBeGreaterThan(16 * 2 ** 20);
      const { memoryBytes, size } = await describeModel(out);
      expect(need).toEqual({ memoryBytes, size });

      const converted = served(servedFolder(out));
      const ir = await repositoryMemory({ kind: "openvino", files: converted.listed }, converted.read, {});
      expect(ir).toEqual({ memoryBytes, size });
      expect(converted.bytesRead()).toBeLessThan(statSync(join(out, "unet", "openvino_model.bin")).size / 8);
    },
    120_000,
  );

  it("goes with the recommended size", async () => {
    const hub = served({ "model.safetensors": checkpoint });
    const need = async (recommendation: { width?: number; height?: number }) =>
      repositoryMemory({ kind: "single-file", files: hub.listed }, hub.read, recommendation);
    const small = await need({ width: 64, height: 64 });
    const large = await need({ width: 2048, height: 2048 });
    expect(small?.size).toEqual({ width: 64, height: 64 });
    expect(large?.memoryBytes).toBeGreaterThan((small?.memoryBytes ?? 0) + 2 ** 20);
  });

  it("is not guessed where the files do not tell, nor for LoRAs", async () => {
    const hub = served({ "model.safetensors": Buffer.from("no header at all") });
    expect(await repositoryMemory({ kind: "single-file", files: hub.listed }, hub.read, {})).toBeUndefined();
    expect(await repositoryMemory({ kind: "lora", files: hub.listed }, hub.read, {})).toBeUndefined();
  });

  it("an answer that does not come is no answer", async () => {
    const hub = served({ "model.safetensors": checkpoint });
    const refused = async () => {
      throw new Error("no connection");
    };
    const need = repositoryMemory({ kind: "single-file", files: hub.listed }, refused, {});
    await expect(need).rejects.toThrow("no connection");
  });
});
