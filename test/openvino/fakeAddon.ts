import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeAddon } from "openvino-node";
import type { CompiledModel, InferRequest, ModelFiles, Port, Runtime } from "../../src/openvino/runtime.ts";
import {
  allocate,
  type ElementType,
  elementCount,
  type Tensor,
  tensorOf,
} from "../../src/openvino/tensor.ts";

/** The element types that the binding can make a tensor of. */
const bindable = ["u8", "u32", "u16", "u64", "i8", "i64", "i32", "i16", "f64", "f32"];

/**
 * Stands for openvino-node's binary where that cannot be had: the interface that the package declares, carried
 * out by the C API. It shows that the adapter speaks that interface, not that the binary does.
 */
export function fakeAddon(runtime: Runtime, folder: string): NodeAddon {
  let blobs = 0;

  class FakeOutput {
    readonly port: Port;
    constructor(port: Port) {
      this.port = port;
    }
    getAnyName(): string {
      return this.port.name;
    }
    getPartialShape() {
      // The binding gives an open dimension as -1, or as a pair of bounds.
      return {
        getDimensions: () =>
          (this.port.shape ?? []).map((size, axis) => (size < 0 && axis > 0 ? [0, 99] : size)),
      };
    }
  }

  class FakeTensor {
    readonly type: string;
    readonly shape: number[];
    held: Tensor | undefined;
    constructor(type: string, shape: number[]) {
      this.type = type;
      this.shape = shape;
    }
    static of(tensor: Tensor): FakeTensor {
      const fake = new FakeTensor(tensor.type, [...tensor.shape]);
      fake.held = tensor;
      return fake;
    }
    getElementType(): string {
      return this.type;
    }
    getShape(): number[] {
      return [...this.shape];
    }
    get data(): Tensor["data"] {
      return (this.held ?? this.empty()).data.slice() as Tensor["data"];
    }
    set data(data: Tensor["data"]) {
      const empty = this.empty();
      if (data.constructor !== empty.data.constructor || data.length !== empty.data.length) {
        throw new Error("the array does not match the tensor");
      }
      this.held = { ...empty, data: data.slice() } as Tensor;
    }
    private empty(): Tensor {
      if (!bindable.includes(this.type)) throw new Error("Cannot create ov::element::Type");
      const type = this.type as ElementType;
      return tensorOf(type, this.shape, allocate(type, elementCount(this.shape))) as Tensor;
    }
  }

  class FakeRequest {
    readonly compiled: CompiledModel;
    readonly request: InferRequest;
    constructor(compiled: CompiledModel) {
      this.compiled = compiled;
      this.request = compiled.createInferRequest();
    }
    getInputTensor(index: number): FakeTensor {
      return new FakeTensor(this.compiled.inputs[index]?.type ?? "", []);
    }
    async inferAsync(inputs: FakeTensor[]): Promise<object> {
      for (const [index, { held }] of inputs.entries()) {
        if (held !== undefined) this.request.setInput(this.compiled.inputs[index]?.name ?? "", held);
      }
      await this.request.run();
      return {};
    }
    getOutputTensor(index: number): FakeTensor {
      return FakeTensor.of(this.request.output(this.compiled.outputs[index]?.name ?? ""));
    }
  }

  class FakeCompiled {
    readonly compiled: CompiledModel;
    readonly blob: string;
    constructor(compiled: CompiledModel, blob: string) {
      this.compiled = compiled;
      this.blob = blob;
    }
    get inputs(): FakeOutput[] {
      return this.compiled.inputs.map((port) => new FakeOutput(port));
    }
    get outputs(): FakeOutput[] {
      return this.compiled.outputs.map((port) => new FakeOutput(port));
    }
    createInferRequest(): FakeRequest {
      return new FakeRequest(this.compiled);
    }
    exportModelSync(): Buffer {
      return readFileSync(this.blob);
    }
    getProperty(name: string): string {
      return this.compiled.property(name);
    }
  }

  class FakeModel {
    readonly files: ModelFiles;
    compiled: CompiledModel;
    shapes: Record<string, number[]> = {};
    constructor(files: ModelFiles, compiled: CompiledModel) {
      this.files = files;
      this.compiled = compiled;
    }
    get inputs(): FakeOutput[] {
      return this.compiled.inputs.map((port) => new FakeOutput(port));
    }
    get outputs(): FakeOutput[] {
      return this.compiled.outputs.map((port) => new FakeOutput(port));
    }
    getOutputElementType(index: number): string {
      return this.compiled.outputs[index]?.type ?? "";
    }
    reshape(shapes: Map<string, string>): this {
      const numbers = (text: string) =>
        text
          .slice(1, -1)
          .split(",")
          .map((size) => (size === "?" ? -1 : Number(size)));
      this.shapes = Object.fromEntries([...shapes].map(([name, text]) => [name, numbers(text)]));
      return this;
    }
  }

  const newBlob = () => join(folder, `fake-${blobs++}.blob`);

  class FakeCore {
    getAvailableDevices(): readonly string[] {
      return runtime.devices();
    }
    getProperty(device: string, name: string): string | string[] {
      const value = runtime.deviceProperty(device, name);
      return name === "OPTIMIZATION_CAPABILITIES" ? value.split(" ") : value;
    }
    async readModel(xml: string, bin?: string): Promise<FakeModel> {
      return new FakeModel({ xml, bin }, await runtime.compile({ xml, bin }));
    }
    async compileModel(
      model: FakeModel,
      device: string,
      properties: Record<string, string>,
    ): Promise<FakeCompiled> {
      model.compiled = await runtime.compile(model.files, { device, properties, shapes: model.shapes });
      const blob = newBlob();
      await model.compiled.exportBlob(blob);
      return new FakeCompiled(model.compiled, blob);
    }
    async importModel(content: Buffer, device: string): Promise<FakeCompiled> {
      const blob = newBlob();
      writeFileSync(blob, content);
      return new FakeCompiled(await runtime.importBlob(blob, device), blob);
    }
  }

  const addon = {
    Core: FakeCore,
    Tensor: FakeTensor,
    getOpenvinoVersion: () => ({ buildNumber: runtime.version, description: "" }),
  };
  // The package declares its classes as instances of themselves, which no honest class can match.
  return addon as unknown as NodeAddon;
}
