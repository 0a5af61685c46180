import { readFile } from "node:fs/promises";
import type { Core, Model, NodeAddon } from "openvino-node";
import { LimnerError, type LimnerErrorCode, messageOf } from "../../protocol/limnerError.ts";
import { callFailure, cancelled, modelName } from "../failure.ts";
import { mustBeInputs } from "../fit.ts";
import { damagedRemedy, presentFiles } from "../modelFiles.ts";
import type { Capabilities, CompileOptions, ModelFiles, Runtime } from "../runtime.ts";
import { shapeText } from "../tensor.ts";
import { supportedTypes } from "./addonTensor.ts";
import { NodeCompiledModel } from "./compiledModel.ts";
import { importedOutputPorts, inputPorts, outputPorts, portName } from "./ports.ts";

/**
 * OpenVINO through its official binding.
 * @param path the binding's binary, for messages: the package finds it by itself
 * @throws LimnerError("runtime-not-found")
 */
export async function openNodeBinding(path: string): Promise<Runtime> {
  try {
    const { addon } = await import("openvino-node");
    return new NodeRuntime(addon, path);
  } catch (error) {
    throw new LimnerError(
      "runtime-not-found",
      `openvino-node's binary ${path} cannot be used: ${messageOf(error).replace(/\.$/, "")}. Set LIMNER_BACKEND=c-api, or delete the folder that holds it and run "npm run setup:runtime".`,
      { cause: error },
    );
  }
}

/** The port over the binding's own objects. */
export class NodeRuntime implements Runtime {
  readonly backend = "openvino-node";
  readonly version: string;
  readonly libraryPath: string;
  readonly capabilities: Capabilities = { cancel: false, blobs: true, elementTypes: supportedTypes };
  readonly #addon: NodeAddon;
  readonly #core: Core;

  constructor(addon: NodeAddon, libraryPath: string) {
    this.#addon = addon;
    this.#core = new addon.Core();
    this.version = addon.getOpenvinoVersion().buildNumber;
    this.libraryPath = libraryPath;
  }

  devices(): readonly string[] {
    return this.#core.getAvailableDevices();
  }

  deviceProperty(device: string, name: string): string {
    try {
      const value: unknown = this.#core.getProperty(device, name);
      return Array.isArray(value) ? value.join(" ") : String(value);
    } catch (error) {
      const doing = `tell the property ${name} of the device ${device}`;
      throw callFailure("runtime-failed", doing, "getProperty", messageOf(error));
    }
  }

  async compile(model: ModelFiles, options: CompileOptions = {}): Promise<NodeCompiledModel> {
    const { device = "CPU", properties = {}, signal } = options;
    const files = await presentFiles(model);
    const name = modelName(files.xml);
    const stopIfAborted = () => {
      if (signal?.aborted) throw cancelled();
    };
    stopIfAborted();
    const native = await called(
      { code: "model-damaged", doing: `read the model ${files.xml}`, call: "readModel" },
      () => this.#core.readModel(files.xml, files.bin),
      damagedRemedy(files),
    );
    reshape(native, name, options.shapes ?? {});
    stopIfAborted();
    const compiled = await called({ doing: `compile ${name} for ${device}`, call: "compileModel" }, () =>
      this.#core.compileModel(native, device, { ...properties }),
    );
    stopIfAborted();
    const inputs = inputPorts(native.inputs, compiled.createInferRequest());
    return new NodeCompiledModel(this.#addon, { name, inputs, outputs: outputPorts(native) }, compiled);
  }

  async importBlob(file: string, device = "CPU"): Promise<NodeCompiledModel> {
    const blob = await readFile(file);
    const compiled = await called({ doing: `import ${file} on ${device}`, call: "importModel" }, () =>
      this.#core.importModel(blob, device),
    );
    const request = compiled.createInferRequest();
    const inputs = inputPorts(compiled.inputs, request);
    const outputs = importedOutputPorts(compiled.outputs, request);
    return new NodeCompiledModel(this.#addon, { name: modelName(file), inputs, outputs }, compiled);
  }

  /** The binding releases by garbage collection. */
  dispose(): void {}
}

function reshape(model: Model, name: string, shapes: NonNullable<CompileOptions["shapes"]>): void {
  const names = Object.keys(shapes);
  if (names.length === 0) return;
  const inputs = model.inputs.map((input, index) => portName(input) ?? `input${index}`);
  mustBeInputs(names, inputs, name);
  const wanted = names.map((input) => `${input} ${shapeText(shapes[input] ?? [])}`).join(", ");
  try {
    model.reshape(new Map(names.map((input) => [input, shapeText(shapes[input] ?? [])])));
  } catch (error) {
    throw callFailure("runtime-failed", `reshape ${name} to ${wanted}`, "reshape", messageOf(error));
  }
}

async function called<T>(
  what: { readonly doing: string; readonly call: string; readonly code?: LimnerErrorCode },
  task: () => Promise<T>,
  remedy = "",
): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw callFailure(what.code ?? "runtime-failed", what.doing, what.call, messageOf(error), remedy);
  }
}
