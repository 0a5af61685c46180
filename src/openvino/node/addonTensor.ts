import type {
  elementTypeString,
  Tensor as NativeTensor,
  NodeAddon,
  SupportedTypedArray,
} from "openvino-node";
import { LimnerError } from "../../protocol/limnerError.ts";
import { type ElementType, isElementType, type Tensor, tensorOf } from "../tensor.ts";

/** The binding has no booleans and no 16-bit floats. */
export const supportedTypes: ReadonlySet<ElementType> = new Set<ElementType>([
  ...(["f32", "f64", "i64", "i32", "i16", "i8"] as const),
  ...(["u64", "u32", "u16", "u8"] as const),
]);

/** A native tensor with a copy of the data: a tensor made over a typed array would not keep it alive. */
export function createTensor(addon: NodeAddon, tensor: Tensor): NativeTensor {
  if (tensor.type === "boolean" || tensor.type === "f16") throw unsupported(tensor.type);
  const type: elementTypeString = tensor.type;
  const native = new addon.Tensor(type, [...tensor.shape]);
  native.data = tensor.data as SupportedTypedArray;
  return native;
}

/** A copy of a native tensor; the binding's getter copies. */
export function readTensor(native: NativeTensor): Tensor {
  const type = String(native.getElementType());
  if (!isElementType(type) || !supportedTypes.has(type)) throw unsupported(type);
  // The binding returns the typed array of this element type, which the type checker cannot know.
  return tensorOf(type, native.getShape(), native.data as never) as Tensor;
}

function unsupported(type: string): LimnerError {
  return new LimnerError(
    "runtime-failed",
    `openvino-node cannot carry ${type} elements. Set LIMNER_BACKEND=c-api.`,
  );
}
