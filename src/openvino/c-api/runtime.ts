import { readFile } from "node:fs/promises";
import koffi from "koffi";
import { LimnerError, messageOf } from "../../protocol/limnerError.ts";
import { cancelled, modelName } from "../failure.ts";
import type { ModelPorts } from "../fit.ts";
import { presentFiles } from "../modelFiles.ts";
import type { Capabilities, CompileOptions, ModelFiles, Runtime } from "../runtime.ts";
import { check, handleOf, onThread, takeText } from "./calls.ts";
import { CApiCompiledModel } from "./compiledModel.ts";
import { supportedTypes } from "./elementTypes.ts";
import { type Library, loadLibrary } from "./library.ts";
import { readModel, reshape } from "./model.ts";
import { Owned } from "./owned.ts";
import { readPorts } from "./ports.ts";
import { Queue } from "./queue.ts";
import type { Handle, HandleOut, NativeProperty } from "./types.ts";

/**
 * OpenVINO through its C library, `libopenvino_c`.
 * @throws LimnerError("runtime-not-found") where the library cannot be loaded or is too old
 */
export function openCApi(libraryPath: string): Runtime {
  try {
    const library = loadLibrary(libraryPath);
    return new CApiRuntime(library, versionOf(library), createCore(library));
  } catch (error) {
    throw new LimnerError(
      "runtime-not-found",
      `OpenVINO's library ${libraryPath} cannot be used: ${messageOf(error).replace(/\.$/, "")}. Run "npm run setup:runtime", or set LIMNER_OPENVINO_LIB to the folder that holds a working one.`,
      { cause: error },
    );
  }
}

/** `ov_core_t`. */
class CApiRuntime implements Runtime {
  readonly backend = "c-api";
  readonly version: string;
  readonly capabilities: Capabilities = { cancel: true, blobs: true, elementTypes: supportedTypes };
  readonly #library: Library;
  readonly #core: Owned;
  // One call that may fail at a time: the message of a failure is global to the process.
  readonly #queue = new Queue();

  constructor(library: Library, version: string, core: Handle) {
    this.#library = library;
    this.version = version;
    this.#core = new Owned(this, core, library.ov_core_free);
  }

  get libraryPath(): string {
    return this.#library.path;
  }

  devices(): readonly string[] {
    const list = { devices: 0n, size: 0 };
    const call = "ov_core_get_available_devices";
    check(this.#library, this.#library[call](this.#core.handle, list), call, { doing: "list the devices" });
    try {
      return list.size === 0 ? [] : [...(koffi.decode(list.devices, "str", list.size) as string[])];
    } finally {
      this.#library.ov_available_devices_free(list);
    }
  }

  deviceProperty(device: string, name: string): string {
    const result: HandleOut = [null];
    const call = "ov_core_get_property";
    const doing = `tell the property ${name} of the device ${device}`;
    check(this.#library, this.#library[call](this.#core.handle, device, name, result), call, { doing });
    return takeText(this.#library, handleOf(result));
  }

  async compile(model: ModelFiles, options: CompileOptions = {}): Promise<CApiCompiledModel> {
    const { ports, handle } = await this.#queue.add(() => this.#compileFiles(model, options));
    if (options.signal?.aborted) {
      this.#library.ov_compiled_model_free(handle);
      throw cancelled();
    }
    // What is compiled again later is not stopped by the signal of the first time.
    const again = { ...options, signal: undefined };
    return new CApiCompiledModel(this.#library, this.#queue, ports, handle, () =>
      this.#queue.add(async () => (await this.#compileFiles(model, again)).handle),
    );
  }

  async #compileFiles(
    model: ModelFiles,
    options: CompileOptions,
  ): Promise<{ ports: ModelPorts; handle: Handle }> {
    const files = await presentFiles(model);
    if (options.signal?.aborted) throw cancelled();
    const handle = await readModel(this.#library, this.#core.handle, files);
    try {
      await reshape(this.#library, handle, files.xml, options.shapes ?? {});
      return await this.#compileModel(handle, files.xml, options);
    } finally {
      this.#library.ov_model_free(handle);
    }
  }

  async #compileModel(
    model: Handle,
    xml: string,
    { device = "CPU", properties = {}, signal }: CompileOptions,
  ): Promise<{ ports: ModelPorts; handle: Handle }> {
    if (signal?.aborted) throw cancelled();
    const list: NativeProperty[] = Object.entries(properties).map(([key, value]) => ({ key, value }));
    const ports: ModelPorts = {
      name: modelName(xml),
      inputs: readPorts(this.#library, "modelInputs", model),
      outputs: readPorts(this.#library, "modelOutputs", model),
    };
    const result: HandleOut = [null];
    const call = "ov_core_compile_model_props";
    const status = await onThread(
      this.#library[call],
      ...([this.#core.handle, model, device, list.length, list, result] as const),
    );
    check(this.#library, status, call, { doing: `compile ${ports.name} for ${device}` });
    return { ports, handle: handleOf(result) };
  }

  async importBlob(file: string, device = "CPU"): Promise<CApiCompiledModel> {
    return this.#queue.add(async () => {
      const blob = await readBlob(file);
      const result: HandleOut = [null];
      const call = "ov_core_import_model";
      const core = this.#core.handle;
      const status = await onThread(this.#library[call], core, blob, blob.byteLength, device, result);
      check(this.#library, status, call, { doing: `import ${file} on ${device}` });
      const handle = handleOf(result);
      const ports: ModelPorts = {
        name: modelName(file),
        inputs: readPorts(this.#library, "compiledInputs", handle),
        outputs: readPorts(this.#library, "compiledOutputs", handle),
      };
      return new CApiCompiledModel(this.#library, this.#queue, ports, handle);
    });
  }

  dispose(): void {
    // A queued compile still needs the core.
    void this.#queue.add(async () => this.#core.release());
  }
}

async function readBlob(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const message = `The compiled model ${file} cannot be read: ${messageOf(error)}. Compile it again.`;
    throw new LimnerError("runtime-failed", message);
  }
}

function createCore(library: Library): Handle {
  const result: HandleOut = [null];
  check(library, library.ov_core_create(result), "ov_core_create", { doing: "start" });
  return handleOf(result);
}

function versionOf(library: Library): string {
  const version = { buildNumber: 0n, description: 0n };
  const call = "ov_get_openvino_version";
  check(library, library[call](version), call, { doing: "tell its version" });
  try {
    return koffi.decode.string(version.buildNumber);
  } finally {
    library.ov_version_free(version);
  }
}
