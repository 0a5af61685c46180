import { LimnerError } from "../../protocol/limnerError.ts";
import { cancelled } from "../failure.ts";
import { type ModelPorts, mustFit, portIndex } from "../fit.ts";
import type { InferOptions, InferRequest } from "../runtime.ts";
import type { Tensor } from "../tensor.ts";
import { cancelledStatus, check, handleOf, onThread } from "./calls.ts";
import type { Library } from "./library.ts";
import type { NativeModel } from "./nativeModel.ts";
import { createTensor, readTensor, writeTensor } from "./nativeTensor.ts";
import { Owned } from "./owned.ts";
import { stopAtExit } from "./running.ts";
import type { HandleOut } from "./types.ts";

/** A tensor that is set as an input and is written again while its type and shape stay the same. */
interface SetTensor {
  readonly like: string;
  readonly native: Owned;
}

/** `ov_infer_request_t`. Started asynchronously and awaited on a thread: only so does cancelling work. */
export class CApiInferRequest implements InferRequest {
  readonly #library: Library;
  readonly #model: ModelPorts;
  readonly #compiled: NativeModel;
  #native: Owned;
  #generation: number;
  readonly #set = new Map<number, SetTensor>();
  #running = false;
  #disposed = false;

  constructor(library: Library, model: ModelPorts, compiled: NativeModel) {
    this.#library = library;
    this.#model = model;
    this.#compiled = compiled;
    this.#generation = compiled.generation;
    this.#native = new Owned(this, compiled.createRequest(), library.ov_infer_request_free);
  }

  setInput(name: string, tensor: Tensor): void {
    this.#mustBeIdle();
    const index = portIndex(this.#model.inputs, "input", name, this.#model.name);
    const port = this.#model.inputs[index];
    if (port !== undefined) mustFit(port, tensor, this.#model.name);
    const like = `${tensor.type} ${tensor.shape.join(",")}`;
    const before = this.#set.get(index);
    if (before?.like === like) {
      writeTensor(this.#library, before.native.handle, tensor);
      return;
    }
    const native = new Owned(this, createTensor(this.#library, tensor), this.#library.ov_tensor_free);
    try {
      this.#give(this.#native, index, native);
    } catch (error) {
      native.release();
      throw error;
    }
    before?.native.release();
    this.#set.set(index, { like, native });
  }

  #give(request: Owned, index: number, tensor: Owned): void {
    const call = "ov_infer_request_set_input_tensor_by_index";
    const doing = `set the input "${this.#model.inputs[index]?.name}" of ${this.#model.name}`;
    check(this.#library, this.#library[call](request.handle, index, tensor.handle), call, { doing });
  }

  async run({ signal }: InferOptions = {}): Promise<void> {
    this.#mustBeIdle();
    if (signal?.aborted) throw cancelled();
    this.#mustBeSet();
    this.#running = true;
    try {
      const shapes = JSON.stringify([...this.#set].map(([index, { like }]) => `${index} ${like}`).sort());
      await this.#compiled.prepare(shapes);
      if (this.#generation !== this.#compiled.generation) this.#renew();
      if (signal?.aborted) throw cancelled();
      await this.#runNative(shapes, signal);
    } finally {
      this.#running = false;
      if (this.#disposed) this.#release();
    }
  }

  /** Moves to the compiled model's present generation, with the inputs that are set. */
  #renew(): void {
    const renewed = new Owned(this, this.#compiled.createRequest(), this.#library.ov_infer_request_free);
    this.#native.release();
    this.#native = renewed;
    this.#generation = this.#compiled.generation;
    for (const [index, { native }] of this.#set) this.#give(renewed, index, native);
  }

  async #runNative(shapes: string, signal: AbortSignal | undefined): Promise<void> {
    const request = this.#native.handle;
    const meaning = { doing: `run ${this.#model.name}` };
    const { ov_infer_request_start_async: start, ov_infer_request_wait: wait } = this.#library;
    check(this.#library, start(request), "ov_infer_request_start_async", meaning);
    // The status of the cancel itself says nothing: what counts is how the wait ends.
    const cancel = () => this.#library.ov_infer_request_cancel(request);
    signal?.addEventListener("abort", cancel, { once: true });
    const ended = stopAtExit(cancel);
    try {
      const status = await onThread(wait, request);
      if (status === cancelledStatus) this.#compiled.wasInterrupted(shapes);
      else if (status === 0) this.#compiled.wasCompleted(shapes);
      if (signal?.aborted || status === cancelledStatus) throw cancelled();
      check(this.#library, status, "ov_infer_request_wait", meaning);
    } finally {
      signal?.removeEventListener("abort", cancel);
      ended();
    }
  }

  output(name: string): Tensor {
    this.#mustBeIdle();
    const index = portIndex(this.#model.outputs, "output", name, this.#model.name);
    const result: HandleOut = [null];
    const call = "ov_infer_request_get_output_tensor_by_index";
    const doing = `read the output "${name}" of ${this.#model.name}`;
    check(this.#library, this.#library[call](this.#native.handle, index, result), call, { doing });
    const tensor = handleOf(result);
    try {
      return readTensor(this.#library, tensor);
    } finally {
      this.#library.ov_tensor_free(tensor);
    }
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

  dispose(): void {
    this.#disposed = true;
    if (!this.#running) this.#release();
  }

  #release(): void {
    for (const { native } of this.#set.values()) native.release();
    this.#set.clear();
    this.#native.release();
  }

  #mustBeIdle(): void {
    if (this.#running || this.#disposed) {
      const state = this.#disposed ? "was released" : "is still running";
      throw new LimnerError("runtime-failed", `The inference of ${this.#model.name} ${state}.`);
    }
  }

  /** OpenVINO would run with whatever memory an input that was never set happens to have. */
  #mustBeSet(): void {
    const missing = this.#model.inputs.filter((_, index) => !this.#set.has(index)).map((port) => port.name);
    if (missing.length > 0) {
      throw new LimnerError(
        "runtime-failed",
        `${this.#model.name} cannot run without its inputs: ${missing.join(", ")} not set.`,
      );
    }
  }
}
