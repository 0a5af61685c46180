import type { ModelPorts } from "../fit.ts";
import { check, handleOf } from "./calls.ts";
import type { Library } from "./library.ts";
import { Owned } from "./owned.ts";
import type { Handle, HandleOut } from "./types.ts";

/**
 * The `ov_compiled_model_t` behind a compiled model and its requests, compiled anew where that is needed.
 *
 * It is needed after a cancelled run: OpenVINO's CPU plugin (2026.4) then keeps some shapes of that run inside a model
 * whose inputs are dynamic, and every run with other shapes fails. A complete run with the same shapes heals it.
 */
export class NativeModel {
  readonly #library: Library;
  readonly #ports: ModelPorts;
  readonly #recompile: (() => Promise<Handle>) | undefined;
  #native: Owned;
  #generation = 0;
  #interrupted: string | undefined;
  #renewing: Promise<void> | undefined;

  /** @param recompile makes the same compiled model again; absent for what cannot be (an imported one) */
  constructor(library: Library, ports: ModelPorts, handle: Handle, recompile?: () => Promise<Handle>) {
    this.#library = library;
    this.#ports = ports;
    this.#recompile = recompile;
    this.#native = new Owned(this, handle, library.ov_compiled_model_free);
  }

  get handle(): Handle {
    return this.#native.handle;
  }

  /** Counts the renewals: a request made of an older generation belongs to a model that is gone. */
  get generation(): number {
    return this.#generation;
  }

  /** A new `ov_infer_request_t`, which the caller owns. */
  createRequest(): Handle {
    const result: HandleOut = [null];
    const call = "ov_compiled_model_create_infer_request";
    const doing = `prepare an inference of ${this.#ports.name}`;
    check(this.#library, this.#library[call](this.handle, result), call, { doing });
    return handleOf(result);
  }

  /** To be called before a run. @param shapes types and shapes of its inputs, as text */
  async prepare(shapes: string): Promise<void> {
    const spoiled = this.#interrupted !== undefined && this.#interrupted !== shapes;
    if (!spoiled || this.#recompile === undefined || !this.#native.alive) return;
    this.#renewing ??= this.#renew(this.#recompile).finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  async #renew(recompile: () => Promise<Handle>): Promise<void> {
    const handle = await recompile();
    if (!this.#native.alive) {
      this.#library.ov_compiled_model_free(handle);
      return;
    }
    this.#native.release();
    this.#native = new Owned(this, handle, this.#library.ov_compiled_model_free);
    this.#generation += 1;
    this.#interrupted = undefined;
  }

  /** A run was cancelled in the middle. */
  wasInterrupted(shapes: string): void {
    const isDynamic = (shape: readonly number[] | undefined) => shape?.some((length) => length < 0) ?? true;
    if (this.#ports.inputs.some((port) => isDynamic(port.shape))) this.#interrupted = shapes;
  }

  /** A run came to its end. */
  wasCompleted(shapes: string): void {
    if (this.#interrupted === shapes) this.#interrupted = undefined;
  }

  release(): void {
    this.#native.release();
  }
}
