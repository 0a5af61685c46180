import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CompiledModel, Runtime } from "../../src/openvino/runtime.ts";
import { booleans, f32, i32, i64 } from "../../src/openvino/tensor.ts";
import { announceSkip, models } from "./adapters.ts";
import { describeLifetime } from "./contractLifetime.ts";

/** What every adapter of the Runtime port must do, whatever it stands on. It branches on capabilities only. */
export function describeContract(name: string, runtime: Runtime): void {
  const model = (file: string) => ({ xml: join(models, `${file}.xml`) });
  const linear = f32([2, 3], [1, 1, 1, 1, 2, 3]);
  const f32Only = { INFERENCE_PRECISION_HINT: "f32" };
  const skip = (what: string, why: string) => announceSkip(runtime.backend, what, why);
  let folder = "";
  let slow: CompiledModel;

  describe(name, () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "limner-contract-"));
      slow = await runtime.compile(model("slow"), { properties: { ...f32Only, NUM_STREAMS: "2" } });
    });
    afterAll(async () => {
      slow.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    describe("devices", () => {
      test("tells its version, library and devices", () => {
        expect(runtime.version).toMatch(/^\d{4}\.\d+\.\d+/);
        expect(runtime.libraryPath).not.toBe("");
        expect(runtime.devices()).toContain("CPU");
      });

      test("tells a device's properties", () => {
        expect(runtime.deviceProperty("CPU", "FULL_DEVICE_NAME")).toMatch(/\S/);
        expect(runtime.deviceProperty("CPU", "OPTIMIZATION_CAPABILITIES")).toContain("FP32");
      });

      test("names a device or property that there is not", () => {
        expect(() => runtime.deviceProperty("CPU", "NOPE")).toThrow(/property NOPE of the device CPU/);
        expect(() => runtime.deviceProperty("XPU", "FULL_DEVICE_NAME")).toThrow(/device XPU/);
      });
    });

    describe("ports", () => {
      test("have the names, types and open dimensions of the IR", async () => {
        const compiled = await runtime.compile(model("linear"));
        expect(compiled.inputs).toEqual([{ name: "x", type: "f32", shape: [-1, 3] }]);
        expect(compiled.outputs).toEqual([{ name: "y", type: "f32", shape: [-1, 2] }]);
        compiled.dispose();
      });

      test("come in the order of the IR", async () => {
        const compiled = await runtime.compile(model("integers"));
        expect(compiled.inputs.map((port) => port.name)).toEqual(["ids", "counts", "scale"]);
        expect(compiled.outputs.map((port) => port.name)).toEqual(["next_ids", "doubled", "half"]);
        expect(compiled.inputs.map((port) => port.type)).toEqual(["i64", "i32", "f32"]);
        compiled.dispose();
      });

      test("take new shapes before the model is compiled", async () => {
        const compiled = await runtime.compile(model("linear"), { shapes: { x: [2, 3] } });
        expect(compiled.inputs[0]?.shape).toEqual([2, 3]);
        expect(compiled.outputs[0]?.shape).toEqual([2, 2]);
        compiled.dispose();
      });

      test("refuse a shape that the model cannot have", async () => {
        const wrong = runtime.compile(model("linear"), { shapes: { x: [2, 5] } });
        await expect(wrong).rejects.toMatchObject({ code: "runtime-failed" });
        await expect(wrong).rejects.toThrow(/openvino\/linear\.xml/);
      });

      test("refuse a shape for an input that there is not", async () => {
        const wrong = runtime.compile(model("linear"), { shapes: { z: [2, 3] } });
        await expect(wrong).rejects.toThrow('linear.xml has no input named "z" to reshape; it has: x.');
      });
    });

    describe("inference", () => {
      test("computes with constants of the .bin", async () => {
        const compiled = await runtime.compile(model("linear"), { properties: f32Only });
        const request = compiled.createInferRequest();
        expect(await request.infer({ x: linear })).toEqual({ y: f32([2, 2], [9, 12, 22, 28]) });
        request.dispose();
        compiled.dispose();
      });

      test("takes another shape with every call where dimensions are open", async () => {
        const compiled = await runtime.compile(model("sum"), { properties: f32Only });
        const request = compiled.createInferRequest();
        const small = await request.infer({ a: f32([1, 1], [1]), b: f32([1, 1], [2]) });
        const large = await request.infer({ a: f32([2, 2], [1, 2, 3, 4]), b: f32([2, 2], [10, 20, 30, 40]) });
        expect(small["total"]).toEqual(f32([1, 1], [3]));
        expect(large["total"]).toEqual(f32([2, 2], [11, 22, 33, 44]));
        request.dispose();
        compiled.dispose();
      });

      test("carries i64, i32 and scalars", async () => {
        const compiled = await runtime.compile(model("integers"), { properties: f32Only });
        const request = compiled.createInferRequest();
        const inputs = { ids: i64([3], [-1, 0, 49407]), counts: i32([2], [-7, 8]), scale: f32([], [3]) };
        expect(await request.infer(inputs)).toEqual({
          next_ids: i64([3], [0, 1, 49408]),
          doubled: i32([2], [-14, 16]),
          half: f32([], [1.5]),
        });
        request.dispose();
        compiled.dispose();
      });

      if (runtime.capabilities.elementTypes.has("boolean")) {
        test("carries booleans", async () => {
          const compiled = await runtime.compile(model("booleans"), { properties: f32Only });
          const request = compiled.createInferRequest();
          expect(await request.infer({ mask: booleans([3], [true, false, true]) })).toEqual({
            inverse: booleans([3], [false, true, false]),
            chosen: f32([3], [1, -1, 1]),
          });
          request.dispose();
          compiled.dispose();
        });
      } else {
        skip("carries booleans", "the backend has no boolean tensors");
        test("refuses booleans in words", async () => {
          const compiled = await runtime.compile(model("booleans"));
          const request = compiled.createInferRequest();
          expect(() => request.setInput("mask", booleans([1], [true]))).toThrow(
            /boolean.*LIMNER_BACKEND=c-api/,
          );
        });
      }

      test("copies in and copies out", async () => {
        const compiled = await runtime.compile(model("linear"), { properties: f32Only });
        const request = compiled.createInferRequest();
        const x = f32([1, 3], [1, 0, 0]);
        request.setInput("x", x);
        x.data.fill(100);
        await request.run();
        const first = request.output("y");
        await request.infer({ x: f32([1, 3], [0, 1, 0]) });
        expect(first).toEqual(f32([1, 2], [1, 2]));
        expect(request.output("y")).toEqual(f32([1, 2], [3, 4]));
        request.dispose();
        compiled.dispose();
      });

      test("takes a part of a larger array", async () => {
        const compiled = await runtime.compile(model("linear"), { properties: f32Only });
        const request = compiled.createInferRequest();
        const part = new Float32Array([9, 9, 1, 1, 1, 9]).subarray(2, 5);
        expect(await request.infer({ x: f32([1, 3], part) })).toEqual({ y: f32([1, 2], [9, 12]) });
        request.dispose();
        compiled.dispose();
      });

      test("returns only the outputs that are asked for", async () => {
        const compiled = await runtime.compile(model("integers"));
        const request = compiled.createInferRequest();
        const inputs = { ids: i64([1], [1]), counts: i32([1], [1]), scale: f32([], [1]) };
        const outputs = await request.infer(inputs, { outputs: ["doubled"] });
        expect(outputs).toEqual({ doubled: i32([1], [2]) });
        request.dispose();
        compiled.dispose();
      });

      test("leaves the event loop free", async () => {
        const request = slow.createInferRequest();
        const order: string[] = [];
        const running = request
          .infer({ x: f32([384, 384], new Float32Array(384 * 384)) })
          .then(() => order.push("inference"));
        await new Promise((resolve) => setImmediate(resolve));
        order.push("event loop");
        await running;
        expect(order).toEqual(["event loop", "inference"]);
        request.dispose();
      });

      test("runs one inference at a time", async () => {
        const request = slow.createInferRequest();
        const running = request.infer({ x: f32([256, 256], new Float32Array(256 * 256)) });
        await expect(request.run()).rejects.toThrow("is still running");
        expect(() => request.setInput("x", f32([1, 1], [1]))).toThrow("is still running");
        await running;
        request.dispose();
      });
    });

    describe("wrong input", () => {
      const wrong: [string, () => { name: string; tensor: ReturnType<typeof f32 | typeof i64> }, RegExp][] = [
        ["name", () => ({ name: "z", tensor: linear }), /linear\.xml has no input named "z"; it has: x\./],
        [
          "type",
          () => ({ name: "x", tensor: i64([1, 3], [1, 2, 3]) }),
          /"x" of .* takes f32 elements, not i64/,
        ],
        ["shape", () => ({ name: "x", tensor: f32([1, 4], [1, 2, 3, 4]) }), /shape \[\?,3\], not \[1,4\]/],
        ["rank", () => ({ name: "x", tensor: f32([3], [1, 2, 3]) }), /shape \[\?,3\], not \[3\]/],
      ];
      test.each(wrong)("of another %s is refused with both sides named", async (_, make, message) => {
        const compiled = await runtime.compile(model("linear"));
        const request = compiled.createInferRequest();
        const { name, tensor } = make();
        expect(() => request.setInput(name, tensor)).toThrow(message);
        request.dispose();
        compiled.dispose();
      });

      test("that is missing is named", async () => {
        const compiled = await runtime.compile(model("sum"));
        const request = compiled.createInferRequest();
        await expect(request.infer({ a: f32([1, 1], [1]) })).rejects.toThrow(/sum\.xml cannot run.*\bb\b/);
        request.dispose();
        compiled.dispose();
      });

      test("does not spoil the request", async () => {
        const compiled = await runtime.compile(model("linear"), { properties: f32Only });
        const request = compiled.createInferRequest();
        expect(() => request.setInput("x", f32([1, 4], [1, 2, 3, 4]))).toThrow();
        expect(await request.infer({ x: linear })).toEqual({ y: f32([2, 2], [9, 12, 22, 28]) });
        request.dispose();
        compiled.dispose();
      });

      test("that only OpenVINO can refuse carries its words, the call and the model", async () => {
        const compiled = await runtime.compile(model("sum"));
        const request = compiled.createInferRequest();
        const run = request.infer({ a: f32([2, 2], [1, 2, 3, 4]), b: f32([3, 3], new Float32Array(9)) });
        await expect(run).rejects.toMatchObject({ code: "runtime-failed" });
        await expect(run).rejects.toThrow(/^OpenVINO could not run openvino\/sum\.xml: .+ \(\w+\)\.$/);
        request.dispose();
        compiled.dispose();
      });
    });

    describe("properties", () => {
      test("are those that were asked for", async () => {
        const compiled = await runtime.compile(model("linear"), { properties: f32Only });
        expect(compiled.property("INFERENCE_PRECISION_HINT")).toBe("f32");
        compiled.dispose();
      });

      test("that there are not are refused with OpenVINO's words", async () => {
        const wrong = runtime.compile(model("linear"), { properties: { NOPE: "1" } });
        await expect(wrong).rejects.toThrow(
          /could not compile openvino\/linear\.xml for CPU: .*Unsupported property NOPE/,
        );
      });

      test("fill a cache directory, and names survive it", async () => {
        const cache = join(folder, "cache");
        const cached = { properties: { ...f32Only, CACHE_DIR: cache } };
        (await runtime.compile(model("linear"), cached)).dispose();
        expect(await readdir(cache)).toHaveLength(1);
        const again = await runtime.compile(model("linear"), cached);
        expect(again.inputs.map((port) => port.name)).toEqual(["x"]);
        expect(await again.createInferRequest().infer({ x: linear })).toEqual({
          y: f32([2, 2], [9, 12, 22, 28]),
        });
        again.dispose();
      });
    });

    describe("a model that cannot be read", () => {
      test("because there is no .xml", async () => {
        const missing = runtime.compile({ xml: join(folder, "none.xml") });
        await expect(missing).rejects.toMatchObject({ code: "model-damaged" });
        await expect(missing).rejects.toThrow(/none\.xml is missing or cannot be read/);
      });

      test("because the .bin that was named is not there", async () => {
        const missing = runtime.compile({ ...model("linear"), bin: join(folder, "none.bin") });
        await expect(missing).rejects.toMatchObject({ code: "model-damaged" });
        await expect(missing).rejects.toThrow(/none\.bin is missing or cannot be read/);
      });

      test("because there is no .bin beside it", async () => {
        const xml = join(folder, "alone.xml");
        await writeFile(xml, await readFile(model("linear").xml));
        const alone = runtime.compile({ xml });
        await expect(alone).rejects.toMatchObject({ code: "model-damaged" });
        await expect(alone).rejects.toThrow(/There is no \.bin beside .*alone\.xml/);
      });

      test("because its .bin is cut short", async () => {
        const bin = join(folder, "short.bin");
        await writeFile(bin, new Uint8Array(23));
        const short = runtime.compile({ ...model("linear"), bin });
        await expect(short).rejects.toMatchObject({ code: "model-damaged" });
        await expect(short).rejects.toThrow(/could not read the model .*linear\.xml: .*weights/);
      });

      test("because its .xml is cut short", async () => {
        const xml = join(folder, "cut.xml");
        await writeFile(xml, (await readFile(model("linear").xml)).subarray(0, 700));
        await expect(runtime.compile({ xml })).rejects.toMatchObject({ code: "model-damaged" });
      });

      test("does not spoil the runtime", async () => {
        await expect(runtime.compile({ xml: join(folder, "none.xml") })).rejects.toThrow();
        const compiled = await runtime.compile({ ...model("linear"), bin: join(models, "linear.bin") });
        expect(compiled.outputs.map((port) => port.name)).toEqual(["y"]);
        compiled.dispose();
      });
    });

    describeLifetime(runtime, () => ({ slow, folder }));
  });
}
