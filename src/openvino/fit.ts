import { LimnerError } from "../protocol/limnerError.ts";
import type { Port } from "./runtime.ts";
import { shapeText, type Tensor } from "./tensor.ts";

/** What an inference knows of the model it runs. */
export interface ModelPorts {
  /** The model's name in a sentence. */
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Where a port of this name is. @throws LimnerError("runtime-failed") that lists the names there are */
export function portIndex(
  ports: readonly Port[],
  kind: "input" | "output",
  name: string,
  model: string,
): number {
  const index = ports.findIndex((port) => port.name === name);
  if (index < 0) {
    const names = ports.map((port) => port.name).join(", ") || "none";
    throw new LimnerError("runtime-failed", `${model} has no ${kind} named "${name}"; it has: ${names}.`);
  }
  return index;
}

/** Refuses new shapes for inputs that there are not. @throws LimnerError("runtime-failed") */
export function mustBeInputs(names: readonly string[], inputs: readonly string[], model: string): void {
  const unknown = names.find((name) => !inputs.includes(name));
  if (unknown === undefined) return;
  throw new LimnerError(
    "runtime-failed",
    `${model} has no input named "${unknown}" to reshape; it has: ${inputs.join(", ")}.`,
  );
}

/** Refuses a tensor that the input cannot take, in words that name both sides. @throws LimnerError */
export function mustFit(port: Port, tensor: Tensor, model: string): void {
  if (port.type !== tensor.type) {
    throw new LimnerError(
      "runtime-failed",
      `The input "${port.name}" of ${model} takes ${port.type} elements, not ${tensor.type}.`,
    );
  }
  const wanted = port.shape;
  if (wanted === undefined) return;
  const fits =
    wanted.length === tensor.shape.length &&
    wanted.every((dimension, axis) => dimension < 0 || dimension === tensor.shape[axis]);
  if (!fits) {
    throw new LimnerError(
      "runtime-failed",
      `The input "${port.name}" of ${model} takes the shape ${shapeText(wanted)}, not ${shapeText(tensor.shape)}.`,
    );
  }
}
