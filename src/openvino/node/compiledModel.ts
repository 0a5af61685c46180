import { writeFile } from "node:fs/promises";
import type { CompiledModel as NativeCompiled, NodeAddon } from "openvino-node";
import { LimnerError, messageOf } from "../../protocol/limnerError.ts";
import { callFailure } from "../failure.ts";
import type { ModelPorts } from "../fit.ts";
import type { CompiledModel, Port } from "../runtime.ts";
import { NodeInferRequest } from "./inferRequest.ts";

/** The binding's compiled model, with the names of the IR. */
export class NodeCompiledModel implements CompiledModel {
  readonly #addon: NodeAddon;
  readonly #model: ModelPorts;
  #native: NativeCompiled | undefined;

  constructor(addon: NodeAddon, model: ModelPorts, native: NativeCompiled) {
    this.#addon = addon;
    this.#model = model;
    this.#native = native;
  }

  get inputs(): readonly Port[] {
    return this.#model.inputs;
  }

  get outputs(): readonly Port[] {
    return this.#model.outputs;
  }

  createInferRequest(): NodeInferRequest {
    return new NodeInferRequest(this.#addon, this.#model, this.#alive().createInferRequest());
  }

  async exportBlob(file: string): Promise<void> {
    try {
      await writeFile(file, this.#alive().exportModelSync());
    } catch (error) {
      const doing = `export ${this.#model.name} to ${file}`;
      throw callFailure("write-failed", doing, "exportModelSync", messageOf(error));
    }
  }

  property(name: string): string {
    try {
      return String(this.#alive().getProperty(name));
    } catch (error) {
      const doing = `tell the property ${name} of ${this.#model.name}`;
      throw callFailure("runtime-failed", doing, "getProperty", messageOf(error));
    }
  }

  dispose(): void {
    this.#native = undefined;
  }

  #alive(): NativeCompiled {
    if (this.#native !== undefined) return this.#native;
    throw new LimnerError("runtime-failed", `The compiled model ${this.#model.name} was released.`);
  }
}
