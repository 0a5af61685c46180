import type { InferRequest, Model, Output } from "openvino-node";
import type { PartialShape, Port } from "../runtime.ts";

/** The inputs of a model. The binding tells an input's element type only by its tensor, hence the request. */
export function inputPorts(inputs: readonly Output[], request: InferRequest): Port[] {
  return inputs.map((input, index) => ({
    name: portName(input) ?? `input${index}`,
    type: String(request.getInputTensor(index).getElementType()),
    shape: shapeOf(input),
  }));
}

/** The outputs of a model as the IR describes them. */
export function outputPorts(model: Model): Port[] {
  return model.outputs.map((output, index) => ({
    name: portName(output) ?? `output${index}`,
    type: model.getOutputElementType(index),
    shape: shapeOf(output),
  }));
}

/** The outputs of an imported model, of which there is no IR. */
export function importedOutputPorts(outputs: readonly Output[], request: InferRequest): Port[] {
  return outputs.map((output, index) => ({
    name: portName(output) ?? `output${index}`,
    type: String(request.getOutputTensor(index).getElementType()),
    shape: shapeOf(output),
  }));
}

/** The binding throws for a port without a name. */
export function portName(port: Output): string | undefined {
  try {
    return port.getAnyName();
  } catch {
    return undefined;
  }
}

/** A dimension between bounds is open to us; a shape of unknown rank has no dimensions to list. */
function shapeOf(port: Output): PartialShape | undefined {
  try {
    return port
      .getPartialShape()
      .getDimensions()
      .map((dimension) => (typeof dimension === "number" ? dimension : -1));
  } catch {
    return undefined;
  }
}
