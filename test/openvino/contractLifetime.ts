import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CompiledModel, Runtime } from "../../src/openvino/runtime.ts";
import { f32 } from "../../src/openvino/tensor.ts";
import { announceSkip, models } from "./adapters.ts";

/** What a suite has ready once its tests run: the slow model, compiled, and a folder for files. */
interface Prepared {
  readonly slow: CompiledModel;
  readonly folder: string;
}

/** The part of the contract about cancelling, releasing and keeping compiled models. */
export function describeLifetime(runtime: Runtime, prepared: () => Prepared): void {
  const model = (file: string) => ({ xml: join(models, `${file}.xml`) });
  const linear = f32([2, 3], [1, 1, 1, 1, 2, 3]);
  const f32Only = { INFERENCE_PRECISION_HINT: "f32" };
  const skip = (what: string, why: string) => announceSkip(runtime.backend, what, why);

  describe("cancelling", () => {
    const square = (size: number) => f32([size, size], new Float32Array(size * size).fill(0.01));

    test("before the start runs nothing", async () => {
      const request = prepared().slow.createInferRequest();
      request.setInput("x", square(1));
      const signal = AbortSignal.abort();
      await expect(request.run({ signal })).rejects.toMatchObject({ code: "cancelled" });
      await expect(runtime.compile(model("linear"), { signal })).rejects.toMatchObject({
        code: "cancelled",
      });
      request.dispose();
    });

    test("rejects, and the request can be used again", async () => {
      const request = prepared().slow.createInferRequest();
      const stop = new AbortController();
      const running = request.infer({ x: square(300) }, { signal: stop.signal });
      setImmediate(() => stop.abort());
      await expect(running).rejects.toMatchObject({ code: "cancelled" });
      const { y } = await request.infer({ x: f32([1, 1], [0]) });
      expect(y).toEqual(f32([1, 1], [0]));
      request.dispose();
    });

    if (runtime.capabilities.cancel) {
      test("stops in the middle: a shorter inference beside it ends later", async () => {
        const order: string[] = [];
        const [long, short] = [prepared().slow.createInferRequest(), prepared().slow.createInferRequest()];
        const stop = new AbortController();
        const cancelled = long
          .infer({ x: square(1024) }, { signal: stop.signal })
          .catch(() => order.push("long"));
        const finished = short.infer({ x: square(640) }).then(() => order.push("short"));
        setImmediate(() => stop.abort());
        await Promise.all([cancelled, finished]);
        expect(order).toEqual(["long", "short"]);
        long.dispose();
        short.dispose();
      });

      test("spoils no later run of another size, in old requests and new ones", async () => {
        const compiled = await runtime.compile(model("slow"), { properties: f32Only });
        const old = compiled.createInferRequest();
        const expected = await old.infer({ x: square(16) });
        const interrupted = compiled.createInferRequest();
        interrupted.setInput("x", square(1024));
        const stop = new AbortController();
        const running = interrupted.run({ signal: stop.signal });
        // Long enough to be in the middle of 200 products, far too short for all of them.
        setTimeout(() => stop.abort(), 20);
        await expect(running).rejects.toMatchObject({ code: "cancelled" });
        const fresh = compiled.createInferRequest();
        expect(await fresh.infer({ x: square(16) })).toEqual(expected);
        expect(await old.infer({ x: square(16) })).toEqual(expected);
        expect(await interrupted.infer({ x: square(16) })).toEqual(expected);
        for (const request of [old, interrupted, fresh]) request.dispose();
        compiled.dispose();
      });
    } else {
      skip("stops in the middle", "the backend cannot cancel: an abort is heeded when the call ends");
    }
  });

  describe("release", () => {
    test("may be asked for twice", async () => {
      const compiled = await runtime.compile(model("linear"));
      const request = compiled.createInferRequest();
      for (const object of [request, request, compiled, compiled]) object.dispose();
      expect(() => request.setInput("x", linear)).toThrow("was released");
      expect(() => compiled.createInferRequest()).toThrow("was released");
    });

    test("of a model leaves its requests usable", async () => {
      const compiled = await runtime.compile(model("linear"), { properties: f32Only });
      const request = compiled.createInferRequest();
      compiled.dispose();
      expect(await request.infer({ x: linear })).toEqual({ y: f32([2, 2], [9, 12, 22, 28]) });
      request.dispose();
    });

    test("waits for a running inference", async () => {
      const request = prepared().slow.createInferRequest();
      request.setInput("x", f32([256, 256], new Float32Array(256 * 256)));
      const running = request.run();
      request.dispose();
      await expect(running).resolves.toBeUndefined();
      expect(() => request.output("y")).toThrow("was released");
    });
  });

  if (runtime.capabilities.blobs) {
    test("a compiled model survives export and import", async () => {
      const file = join(prepared().folder, "linear.blob");
      const compiled = await runtime.compile(model("linear"), { properties: f32Only });
      await compiled.exportBlob(file);
      compiled.dispose();
      const imported = await runtime.importBlob(file);
      const request = imported.createInferRequest();
      request.setInput(imported.inputs[0]?.name ?? "", linear);
      await request.run();
      expect(request.output(imported.outputs[0]?.name ?? "")).toEqual(f32([2, 2], [9, 12, 22, 28]));
      request.dispose();
      imported.dispose();
    });
  } else {
    skip("a compiled model survives export and import", "the backend has no blobs");
  }
}
