import { byteSize, type ElementType, elementCount, elementTypeOf } from "../elementType.ts";
import type { FileData, Graph, KeptDetails, Node, Output } from "../graph.ts";
import { GraphError } from "../graphError.ts";
import { childElements, type XmlElement } from "../xml/xmlElement.ts";
import { dimensions, naturalNumber, shapeOfText, splitNames } from "./irNumbers.ts";

/** The `.bin` that constants point into. */
export interface BinFile {
  readonly file: string;
  /** In bytes; `undefined` where there is none. */
  readonly size: number | undefined;
}

/** A layer before it is known which tensors go in. */
export interface Layer {
  readonly node: Omit<Node, "inputs">;
  readonly inputPorts: readonly number[];
  readonly outputPorts: readonly number[];
}

const bodyNames = new Set(["body", "then_body", "else_body"]);
const understood = new Set(["data", "input", "output", "rt_info", ...bodyNames]);

/**
 * A `layer` element as a node.
 * @param readBody makes a graph of a `body` element
 * @throws GraphError that names the layer and the value at fault
 */
export function readLayer(layer: XmlElement, bin: BinFile, readBody: (body: XmlElement) => Graph): Layer {
  const { id: idText, name = "", type, version, ...layerAttributes } = layer.attributes;
  const id = naturalNumber(idText, `The id of the layer "${name}"`);
  const where = `layer ${id} ("${name}")`;
  if (type === undefined || type === "") throw new GraphError(`The type of ${where} is missing.`);
  const parts = childElements(layer);
  const only = (partName: string) => {
    const found = parts.filter((part) => part.name === partName);
    if (found.length > 1)
      throw new GraphError(`The ${where} has ${found.length} elements "${partName}"; 1 is the most.`);
    return found[0];
  };
  const dataElement = only("data");
  const inputs = ports(only("input"), where);
  const outputs = ports(only("output"), where);
  checkPortIds([...inputs, ...outputs], where);
  const { attributes, data, stated } = constant(type, dataElement?.attributes ?? {}, bin, where);
  const bodies = parts
    .filter((part) => bodyNames.has(part.name))
    .map((part) => [part.name, readBody(part)] as const);
  const inputPorts = inputs.map(({ id }) => id);
  const outputPorts = outputs.map(({ id }) => id);
  const kept: KeptDetails = {
    ...(Object.keys(layerAttributes).length > 0 && { layerAttributes }),
    ...(dataElement !== undefined &&
      dataElement.children.length > 0 && { dataChildren: childElements(dataElement) }),
    ...(parts.some((part) => !understood.has(part.name)) && {
      children: parts.filter((part) => !understood.has(part.name)),
    }),
    ...(!isCounting([...inputPorts, ...outputPorts]) && {
      portIds: { inputs: inputPorts, outputs: outputPorts },
    }),
    ...keptInputs(inputs),
  };
  return {
    inputPorts,
    outputPorts,
    node: {
      id,
      name,
      type,
      version: version ?? "opset1",
      attributes,
      // OpenVINO, too, believes a constant's attributes, not its port.
      outputs: outputs.map(({ output }) => ({ ...output, ...stated })),
      ...(data !== undefined && { data }),
      ...(only("rt_info") !== undefined && { rtInfo: only("rt_info") }),
      ...(bodies.length > 0 && { bodies: Object.fromEntries(bodies) }),
      ...(Object.keys(kept).length > 0 && { kept }),
    },
  };
}

interface PortRead {
  readonly id: number;
  readonly output: Output;
}

function ports(side: XmlElement | undefined, where: string): PortRead[] {
  if (side === undefined) return [];
  return childElements(side)
    .filter(({ name }) => name === "port")
    .map((port): PortRead => {
      const id = naturalNumber(port.attributes["id"], `The id of a port of ${where}`);
      const parts = childElements(port);
      const texts = parts.filter(({ name }) => name === "dim").map(({ children }) => children.join(""));
      const rtInfo = parts.find(({ name }) => name === "rt_info");
      const output: Output = {
        type: typeOf(port.attributes["precision"] ?? "UNSPECIFIED", where),
        // No dimensions: a scalar, or a shape that whoever wrote the port left to OpenVINO.
        ...(texts.length > 0 && { shape: dimensions(texts, `port ${id} of ${where}`) }),
        names: splitNames(port.attributes["names"]),
        ...(rtInfo !== undefined && { rtInfo }),
      };
      return { id, output };
    });
}

function typeOf(text: string, where: string): ElementType {
  try {
    return elementTypeOf(text);
  } catch (error) {
    throw new GraphError(`The ${where} cannot be read: ${String((error as Error).message)}`, {
      cause: error,
    });
  }
}

function keptInputs(inputs: readonly PortRead[]): Pick<KeptDetails, "inputRtInfo"> {
  const marked = inputs.flatMap(({ output }, index) =>
    output.rtInfo ? [[index, output.rtInfo] as const] : [],
  );
  return marked.length > 0 ? { inputRtInfo: new Map(marked) } : {};
}

function checkPortIds(all: readonly PortRead[], where: string): void {
  if (new Set(all.map(({ id }) => id)).size !== all.length) {
    throw new GraphError(`Two ports of ${where} have the same id.`);
  }
}

function isCounting(ids: readonly number[]): boolean {
  return ids.every((id, index) => id === index);
}

/** Takes `offset` and `size` of a constant out of its attributes, checked against its shape and the file. */
function constant(
  type: string,
  all: Readonly<Record<string, string>>,
  bin: BinFile,
  where: string,
): {
  attributes: Readonly<Record<string, string>>;
  data?: FileData;
  stated?: Pick<Output, "type" | "shape">;
} {
  if (type !== "Const") return { attributes: { ...all } };
  const { offset: offsetText, size: sizeText, ...attributes } = all;
  const offset = naturalNumber(offsetText, `The offset of ${where}`);
  const size = naturalNumber(sizeText, `The size of ${where}`);
  const elementType = typeOf(attributes["element_type"] ?? "dynamic", where);
  const shape = shapeOfText(attributes["shape"] ?? "", where);
  if (shape.some((dimension) => dimension < 0))
    throw new GraphError(`The constant of ${where} has an open dimension.`);
  if (!Number.isSafeInteger(elementCount(shape))) {
    throw new GraphError(
      `The constant of ${where} has more elements than there can be: shape ${attributes["shape"]}.`,
    );
  }
  const needed = byteSize(elementType, shape);
  if (needed !== undefined && size < needed) {
    throw new GraphError(`The constant of ${where} has ${size} bytes; its type and shape need ${needed}.`);
  }
  if (bin.size === undefined) {
    throw new GraphError(`${bin.file} is not there; the constant of ${where} is in it.`);
  }
  if (offset + size > bin.size) {
    throw new GraphError(
      `The constant of ${where} ends at byte ${offset + size} of ${bin.file}, which has ${bin.size} bytes: the two files do not belong together, or one is damaged.`,
    );
  }
  const data: FileData = { kind: "file", file: bin.file, offset, size };
  return { attributes, data, stated: { type: elementType, shape } };
}
