import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findModel } from "../../../src/models/findModel.ts";
import { importModel } from "../../../src/models/store/importModel.ts";
import { ModelStore } from "../../../src/models/store/modelStore.ts";

const loras = "test/fixtures/convert/sdxl-like/lora";
let folder: string;
let store: ModelStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-import-"));
  store = new ModelStore(join(folder, "models"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("the same file again is the same LoRA; its neighbor is another", async () => {
  for (const name of ["kohya", "peft"])
    copyFileSync(join(loras, `${name}.safetensors`), join(folder, `${name}.safetensors`));
  const request = { path: join(folder, "kohya.safetensors"), name: "style" };
  await importModel(store, request);
  await importModel(store, request);
  const neighbor = { path: join(folder, "peft.safetensors"), name: "style" };
  await expect(importModel(store, neighbor)).rejects.toThrow('There is another model called "style".');
});

it("a folder that has changed is converted again, and the model stays where that fails", async () => {
  const path = join(folder, "mine");
  cpSync("test/fixtures/convert/sdxl-like/source", path, { recursive: true });
  const weights = join(path, "unet", "diffusion_pytorch_model.safetensors");
  const whole = readFileSync(weights);
  const converted = () => readFileSync(join(findModel("mine", store), "unet", "openvino_model.bin"));
  await importModel(store, { path });
  const before = converted();
  writeFileSync(weights, "damaged");
  await expect(importModel(store, { path })).rejects.toThrow("is no safetensors file");
  expect(converted().equals(before)).toBe(true);
  writeFileSync(weights, Buffer.from(whole).fill(0, whole.length - 256));
  await importModel(store, { path });
  expect(converted().equals(before)).toBe(false);
});

it("a copy holds nothing of one that was stopped, and one that lies in its place is taken as it is", async () => {
  const rests = join(store.folder, "style");
  mkdirSync(rests, { recursive: true });
  writeFileSync(join(rests, "half.safetensors"), "half");
  const request = { path: join(loras, "kohya.safetensors"), name: "style", copy: true };
  const { source } = await importModel(store, request);
  expect(source?.files.map(({ path }) => path)).toEqual(["kohya.safetensors"]);
  expect(existsSync(join(rests, "half.safetensors"))).toBe(false);
  // The index is lost.
  rmSync(join(store.folder, "index.json"));
  const again = { path: join(rests, "kohya.safetensors"), name: "style", copy: true };
  expect((await importModel(store, again)).source).toEqual(source);
});
