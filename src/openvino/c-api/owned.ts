import type { Handle } from "./types.ts";

/**
 * A native object that is released exactly once: on `release`, or after the owner was forgotten. Nothing that
 * `free` reaches may refer to the owner, or it is never forgotten.
 */
export class Owned {
  readonly #free: (handle: Handle) => void;
  #handle: Handle | undefined;

  constructor(owner: object, handle: Handle, free: (handle: Handle) => void) {
    this.#handle = handle;
    this.#free = free;
    forgotten.register(owner, this, this);
  }

  /** Whether it is still there. */
  get alive(): boolean {
    return this.#handle !== undefined;
  }

  /** @throws Error after release: a native call with a stale address would end the process */
  get handle(): Handle {
    if (this.#handle === undefined) throw new Error("an object of OpenVINO's was used after it was released");
    return this.#handle;
  }

  release(): void {
    if (this.#handle === undefined) return;
    const handle = this.#handle;
    this.#handle = undefined;
    forgotten.unregister(this);
    this.#free(handle);
  }
}

const forgotten = new FinalizationRegistry<Owned>((owned) => owned.release());
