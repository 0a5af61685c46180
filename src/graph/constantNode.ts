import { byteSize, type ElementType } from "./elementType.ts";
import { type ConstantData, dataSize, type Node, type Shape } from "./graph.ts";
import { GraphError } from "./graphError.ts";
import { type XmlElement, xmlElement } from "./xml/xmlElement.ts";

function rtInfo(attribute: string): XmlElement {
  return {
    name: "rt_info",
    attributes: {},
    children: [xmlElement("attribute", { name: attribute, version: "0" })],
  };
}

/** The `rt_info` that tells OpenVINO's plugins that a conversion belongs to a compressed constant. */
export const decompressionMark = rtInfo("decompression");

/** The `rt_info` that keeps a constant, and what is computed from it, in f32 on devices that would take f16. */
export const keepPrecisionMark = rtInfo("precise");

/** Held bytes of a typed array's values. */
export function held(values: ArrayBufferView): ConstantData {
  return { kind: "held", bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** A `Const`. @throws GraphError where the data are not as long as type and shape say */
export function constantNode(
  id: number,
  type: ElementType,
  shape: Shape,
  data: ConstantData,
  name: string = `Const_${id}`,
  mark?: XmlElement,
): Node {
  const expected = byteSize(type, shape);
  if (expected !== undefined && expected !== dataSize(data)) {
    throw new GraphError(
      `The constant "${name}" of type ${type} and shape [${shape.join(",")}] takes ${expected} bytes, not ${dataSize(data)}.`,
    );
  }
  return {
    id,
    name,
    type: "Const",
    version: "opset1",
    attributes: { element_type: type, shape: shape.join(", ") },
    inputs: [],
    outputs: [{ type, shape, names: [] }],
    data,
    ...(mark && { rtInfo: mark }),
  };
}
