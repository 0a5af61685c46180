import type { ElementType, Tensor } from "./tensor.ts";

/** What stands behind the port: OpenVINO's C library, or its official binding for Node. */
export type Backend = "c-api" | "openvino-node";

/** What a backend can do; everything else every backend does. */
export interface Capabilities {
  /** Aborting stops a running inference within milliseconds. Without it, `infer` rejects when the call ends. */
  readonly cancel: boolean;
  /** Compiled models can be exported to a file and imported again. */
  readonly blobs: boolean;
  /** The element types that inputs and outputs may have. */
  readonly elementTypes: ReadonlySet<ElementType>;
}

/** An IR on disk. The constants are never loaded into JavaScript: OpenVINO maps the file. */
export interface ModelFiles {
  /** Path of the `.xml`. */
  readonly xml: string;
  /** Path of the `.bin`, where it is not the `.xml`'s neighbor of the same name. */
  readonly bin?: string;
}

/** A dimension that is open until inference is -1. */
export type PartialShape = readonly number[];

export interface CompileOptions {
  /** A device of OpenVINO's: `CPU` (the default), `GPU`, `NPU`, `AUTO`, … */
  readonly device?: string;
  /** OpenVINO's properties, such as `INFERENCE_PRECISION_HINT`, `PERFORMANCE_HINT`, `CACHE_DIR`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** New shapes by input name, applied before the model is compiled. Inputs that are not named keep theirs. */
  readonly shapes?: Readonly<Record<string, PartialShape>>;
  /** Compiling cannot be stopped in the middle: an abort is heeded before it starts and after it ends. */
  readonly signal?: AbortSignal;
}

/** An input or an output of a compiled model. */
export interface Port {
  /** The name it has in the IR; `input0`, `output1`, … where the IR gives it none. */
  readonly name: string;
  /** OpenVINO's name of the element type; not only those of `ElementType`. */
  readonly type: string;
  /** Absent where not even the number of dimensions is known. */
  readonly shape?: PartialShape;
}

export interface InferOptions {
  /** Aborting rejects with `LimnerError("cancelled")`; the request can be used again. */
  readonly signal?: AbortSignal;
}

/** Inputs, a running inference, outputs. One inference at a time. */
export interface InferRequest {
  /**
   * Sets an input, copying the tensor; it stays set until it is set again.
   * @throws LimnerError("runtime-failed") where the model has no such input, or its type or shape do not fit
   */
  setInput(name: string, tensor: Tensor): void;
  /**
   * Runs the model off the event loop. Every input must be set.
   * @throws LimnerError("cancelled") when the signal is aborted, LimnerError("runtime-failed") otherwise
   */
  run(options?: InferOptions): Promise<void>;
  /** A copy of an output of the last run. */
  output(name: string): Tensor;
  /** Sets the inputs, runs, and copies the outputs: those named, else all of them. */
  infer(
    inputs: Readonly<Record<string, Tensor>>,
    options?: InferOptions & { readonly outputs?: readonly string[] },
  ): Promise<Record<string, Tensor>>;
  /** Releases the native object, after a running inference has ended. May be called again. */
  dispose(): void;
}

/** A model made ready for a device. */
export interface CompiledModel {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  createInferRequest(): InferRequest;
  /** Writes the compiled model to a file. @throws LimnerError where `capabilities.blobs` is false */
  exportBlob(file: string): Promise<void>;
  /** The value of a property of the compiled model, such as `INFERENCE_PRECISION_HINT`, as text. */
  property(name: string): string;
  /** Releases the native object. May be called again; infer requests keep what they need alive. */
  dispose(): void;
}

/** OpenVINO, whatever carries it. */
export interface Runtime {
  readonly backend: Backend;
  /** OpenVINO's own words for its version: `2026.4.1-22223-…`. */
  readonly version: string;
  /** The library or addon that was loaded. */
  readonly libraryPath: string;
  readonly capabilities: Capabilities;
  /** Device names, such as `CPU`, `GPU.0`. */
  devices(): readonly string[];
  /** The value of a device's property, such as `FULL_DEVICE_NAME`, as text. @throws LimnerError */
  deviceProperty(device: string, name: string): string;
  /**
   * Reads an IR, reshapes it where asked, and compiles it, all off the event loop.
   * @throws LimnerError("model-damaged") where it cannot be read, LimnerError("runtime-failed") where it cannot
   *   be reshaped or compiled, LimnerError("cancelled")
   */
  compile(model: ModelFiles, options?: CompileOptions): Promise<CompiledModel>;
  /**
   * Imports what `exportBlob` wrote, on the same device and version. The whole blob passes through memory: for
   * large models use `CACHE_DIR`. @throws LimnerError("runtime-failed")
   */
  importBlob(file: string, device?: string): Promise<CompiledModel>;
  /** Releases the native object. May be called again. */
  dispose(): void;
}
