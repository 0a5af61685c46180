import { modelName } from "../failure.ts";
import { mustBeInputs } from "../fit.ts";
import { damagedRemedy } from "../modelFiles.ts";
import type { ModelFiles, PartialShape, Port } from "../runtime.ts";
import { shapeText } from "../tensor.ts";
import { check, handleOf, onThread } from "./calls.ts";
import type { Library } from "./library.ts";
import { readPorts } from "./ports.ts";
import { nativePartialShape } from "./shapes.ts";
import type { Handle, HandleOut } from "./types.ts";

/** `ov_model_t`: an IR that was read and may be reshaped, on its way to be compiled. */
export interface NativeModel {
  readonly handle: Handle;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Reads an IR on a thread. Free the model with `ov_model_free`. @throws LimnerError("model-damaged") */
export async function readModel(library: Library, core: Handle, files: ModelFiles): Promise<Handle> {
  const result: HandleOut = [null];
  const call = "ov_core_read_model";
  const status = await onThread(library[call], core, files.xml, files.bin ?? null, result);
  const doing = `read the model ${files.xml}`;
  check(library, status, call, { doing, code: "model-damaged", remedy: damagedRemedy(files) });
  return handleOf(result);
}

/** Gives inputs new shapes, on a thread. @throws LimnerError("runtime-failed") */
export async function reshape(
  library: Library,
  model: Handle,
  xml: string,
  shapes: Readonly<Record<string, PartialShape>>,
): Promise<void> {
  const names = Object.keys(shapes);
  if (names.length === 0) return;
  const inputs = readPorts(library, "modelInputs", model).map((port) => port.name);
  mustBeInputs(names, inputs, modelName(xml));
  // Kept here until the call has ended: the native structures point into these arrays.
  const native = Object.values(shapes).map(nativePartialShape);
  const call = "ov_model_reshape";
  const status = await onThread(library[call], model, names, native, names.length);
  const wanted = Object.entries(shapes).map(([name, shape]) => `${name} ${shapeText(shape)}`);
  check(library, status, call, { doing: `reshape ${modelName(xml)} to ${wanted.join(", ")}` });
}
