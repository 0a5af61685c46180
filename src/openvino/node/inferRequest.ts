import type { InferRequest as NativeRequest, Tensor as NativeTensor, NodeAddon } from "openvino-node";
import { LimnerError, messageOf } from "../../protocol/limnerError.ts";
import { callFailure, cancelled } from "../failure.ts";
import { type ModelPorts, mustFit, portIndex } from "../fit.ts";
import type { InferOptions, InferRequest } from "../runtime.ts";
import type { Tensor } from "../tensor.ts";
import { createTensor, readTensor } from "./addonTensor.ts";

/** The binding's request. It cannot be cancelled: an abort is heeded when the call ends. */
export class NodeInferRequest implements InferRequest {
  readonly #addon: NodeAddon;
  readonly #model: ModelPorts;
  readonly #inputs: (NativeTensor | undefined)[];
  #native: NativeRequest | undefined;
  #running = false;

  constructor(addon: NodeAddon, model: ModelPorts, native: NativeRequest) {
    this.#addon = addon;
    this.#model = model;
    this.#native = native;
    this.#inputs = model.inputs.map(() => undefined);
  }

  setInput(name: string, tensor: Tensor): void {
    this.#idle();
    const index = portIndex(this.#model.inputs, "input", name, this.#model.name);
    const port = this.#model.inputs[index];
    if (port !== undefined) mustFit(port, tensor, this.#model.name);
    this.#inputs[index] = createTensor(this.#addon, tensor);
  }

  async run({ signal }: InferOptions = {}): Promise<void> {
    const native = this.#idle();
    if (signal?.aborted) throw cancelled();
    const inputs = this.#model.inputs.map((port, index) => {
      const tensor = this.#inputs[index];
      if (tensor !== undefined) return tensor;
      const message = `${this.#model.name} cannot run: its input "${port.name}" is not set.`;
      throw new LimnerError("runtime-failed", message);
    });
    this.#running = true;
    try {
      // By position: the binding takes the names of an object's properties for an order, not for names.
      await native.inferAsync(inputs);
    } catch (error) {
      throw callFailure("runtime-failed", `run ${this.#model.name}`, "inferAsync", messageOf(error));
    } finally {
      this.#running = false;
    }
    if (signal?.aborted) throw cancelled();
  }

  output(name: string): Tensor {
    const native = this.#idle();
    const index = portIndex(this.#model.outputs, "output", name, this.#model.name);
    return readTensor(native.getOutputTensor(index));
  }

  async infer(
    inputs: Readonly<Record<string, Tensor>>,
    options: InferOptions & { readonly outputs?: readonly string[] } = {},
  ): Promise<Record<string, Tensor>> {
    for (const [name, tensor] of Object.entries(inputs)) this.setInput(name, tensor);
    const wanted = options.outputs ?? this.#model.outputs.map((port) => port.name);
    for (const name of wanted) portIndex(this.#model.outputs, "output", name, this.#model.name);
    await this.run(options);
    return Object.fromEntries(wanted.map((name) => [name, this.output(name)]));
  }

  /** The binding releases by garbage collection: all there is to do is to let go. */
  dispose(): void {
    this.#native = undefined;
    this.#inputs.fill(undefined);
  }

  #idle(): NativeRequest {
    if (this.#native !== undefined && !this.#running) return this.#native;
    const state = this.#running ? "is still running" : "was released";
    throw new LimnerError("runtime-failed", `The inference of ${this.#model.name} ${state}.`);
  }
}
