import type { ModelPorts } from "../fit.ts";
import type { CompiledModel, Port } from "../runtime.ts";
import { check, handleOf, onThread, takeText } from "./calls.ts";
import { CApiInferRequest } from "./inferRequest.ts";
import type { Library } from "./library.ts";
import { NativeModel } from "./nativeModel.ts";
import type { Queue } from "./queue.ts";
import type { Handle, HandleOut } from "./types.ts";

/** `ov_compiled_model_t`. Its ports are those of the IR: a compiled model's own names may be mere numbers. */
export class CApiCompiledModel implements CompiledModel {
  readonly #library: Library;
  readonly #queue: Queue;
  readonly #model: ModelPorts;
  readonly #native: NativeModel;

  /** @param recompile makes the same compiled model again; absent for what cannot be (an imported one) */
  constructor(
    library: Library,
    queue: Queue,
    model: ModelPorts,
    handle: Handle,
    recompile?: () => Promise<Handle>,
  ) {
    this.#library = library;
    this.#queue = queue;
    this.#model = model;
    this.#native = new NativeModel(library, model, handle, recompile);
  }

  get inputs(): readonly Port[] {
    return this.#model.inputs;
  }

  get outputs(): readonly Port[] {
    return this.#model.outputs;
  }

  createInferRequest(): CApiInferRequest {
    return new CApiInferRequest(this.#library, this.#model, this.#native);
  }

  async exportBlob(file: string): Promise<void> {
    const call = "ov_compiled_model_export_model";
    await this.#queue.add(async () => {
      const status = await onThread(this.#library[call], this.#native.handle, file);
      const doing = `export ${this.#model.name} to ${file}`;
      check(this.#library, status, call, { doing, code: "write-failed" });
    });
  }

  property(name: string): string {
    const result: HandleOut = [null];
    const call = "ov_compiled_model_get_property";
    const doing = `tell the property ${name} of ${this.#model.name}`;
    check(this.#library, this.#library[call](this.#native.handle, name, result), call, { doing });
    return takeText(this.#library, handleOf(result));
  }

  dispose(): void {
    this.#native.release();
  }
}
