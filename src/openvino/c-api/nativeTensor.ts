import { LimnerError } from "../../protocol/limnerError.ts";
import { allocate, elementCount, isElementType, type Tensor, tensorOf } from "../tensor.ts";
import { check, handleOf, refusedStatus } from "./calls.ts";
import { typeName, typeNumber } from "./elementTypes.ts";
import type { Library } from "./library.ts";
import { nativeShape, takeShape } from "./shapes.ts";
import type { Handle, HandleOut, NativeShape } from "./types.ts";

/** A new tensor in OpenVINO's memory with a copy of `tensor`'s data. Free it with `ov_tensor_free`. */
export function createTensor(library: Library, tensor: Tensor): Handle {
  const result: HandleOut = [null];
  const status = library.ov_tensor_create(typeNumber(tensor.type), nativeShape(tensor.shape), result);
  check(library, status, "ov_tensor_create", {
    doing: `allocate ${tensor.data.byteLength} bytes for a tensor`,
    code: "not-enough-memory",
  });
  const handle = handleOf(result);
  try {
    writeTensor(library, handle, tensor);
    return handle;
  } catch (error) {
    library.ov_tensor_free(handle);
    throw error;
  }
}

/** Overwrites the data of a native tensor of the same type and shape. */
export function writeTensor(library: Library, handle: Handle, tensor: Tensor): void {
  if (tensor.data.byteLength === 0) return;
  library.memcpy(dataOf(library, handle), tensor.data, tensor.data.byteLength);
}

/** A copy of a native tensor. @throws LimnerError for an element type that the port does not carry */
export function readTensor(library: Library, handle: Handle): Tensor {
  const shape = shapeOf(library, handle);
  const typeOut: [number] = [0];
  check(library, library.ov_tensor_get_element_type(handle, typeOut), "ov_tensor_get_element_type", reading);
  const type = typeName(typeOut[0]);
  if (!isElementType(type)) {
    throw new LimnerError(
      "runtime-failed",
      `An output has elements of type ${type}, which Limner cannot read.`,
    );
  }
  const data = allocate(type, elementCount(shape));
  if (data.byteLength > 0) library.memcpy(data, dataOf(library, handle), data.byteLength);
  // The array was allocated for this very type, which the type checker cannot follow through a union.
  return tensorOf(type, shape, data) as Tensor;
}

const reading = { doing: "read a tensor" };

/** The C library refuses to tell the shape of a scalar, as it refuses every shape without dimensions. */
function shapeOf(library: Library, handle: Handle): number[] {
  const shape: NativeShape = { rank: 0, dims: null };
  const status = library.ov_tensor_get_shape(handle, shape);
  if (status === refusedStatus) {
    const elements: [number] = [0];
    check(library, library.ov_tensor_get_size(handle, elements), "ov_tensor_get_size", reading);
    if (elements[0] === 1) return [];
  }
  check(library, status, "ov_tensor_get_shape", reading);
  return takeShape(library, shape);
}

function dataOf(library: Library, handle: Handle): Handle {
  const data: HandleOut = [null];
  check(library, library.ov_tensor_data(handle, data), "ov_tensor_data", reading);
  return handleOf(data);
}
