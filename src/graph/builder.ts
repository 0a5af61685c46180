import { byteSize, type ElementType } from "./elementType.ts";
import {
  type ConstantData,
  dataSize,
  type Graph,
  type Node,
  type Output,
  type Shape,
  type Source,
} from "./graph.ts";
import { GraphError } from "./graphError.ts";
import {
  type Attributes,
  attributeDefaults,
  attributeText,
  type Inputs,
  type Operation,
  operationVersions,
  outputType,
  type Value,
} from "./operations.ts";
import { type XmlElement, xmlElement } from "./xml/xmlElement.ts";

/** The `rt_info` that tells OpenVINO's plugins that a conversion belongs to a compressed constant. */
export const decompressionMark: XmlElement = {
  name: "rt_info",
  attributes: {},
  children: [xmlElement("attribute", { name: "decompression", version: "0" })],
};

/** The `rt_info` that keeps a constant (and what is computed from it) in f32 on devices that would take f16. */
export const keepPrecisionMark: XmlElement = {
  name: "rt_info",
  attributes: {},
  children: [xmlElement("attribute", { name: "precise", version: "0" })],
};

/** Held bytes of a typed array's values. */
export function held(values: ArrayBufferView): ConstantData {
  return { kind: "held", bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/**
 * Builds a graph node by node, in an order in which every node's inputs come before it. Names of nodes that are not
 * given are made from the operation and the id. Names of the parameters and results are those of their tensors.
 */
export class GraphBuilder {
  readonly name: string;
  private readonly nodes: Node[] = [];
  private readonly tensorNames = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  /** An input of the model. Dimensions that are open until inference are -1. */
  parameter(name: string, type: ElementType, shape: Shape): Value {
    const attributes = {
      shape: shape.map((dimension) => (dimension < 0 ? "?" : dimension)).join(","),
      element_type: type,
    };
    this.claim([name]);
    return this.push("Parameter", "opset1", name, attributes, [], [{ type, shape, names: [name] }], {})[0];
  }

  /**
   * A constant.
   * @throws GraphError where the data are not as long as type and shape say
   */
  constant(type: ElementType, shape: Shape, data: ConstantData, name?: string, rtInfo?: XmlElement): Value {
    const expected = byteSize(type, shape);
    if (expected !== undefined && expected !== dataSize(data)) {
      throw new GraphError(
        `The constant "${name ?? ""}" of type ${type} and shape [${shape.join(",")}] takes ${expected} bytes, not ${dataSize(data)}.`,
      );
    }
    const attributes = { element_type: type, shape: shape.join(", ") };
    return this.push("Const", "opset1", name, attributes, [], [{ type, shape, names: [] }], {
      data,
      rtInfo,
    })[0];
  }

  /** A list of integers `[n]`, or a scalar. */
  i64(values: readonly number[] | number, name?: string): Value {
    const list = typeof values === "number" ? [values] : values;
    const shape = typeof values === "number" ? [] : [list.length];
    return this.constant("i64", shape, held(BigInt64Array.from(list, BigInt)), name);
  }

  /** A list of floats `[n]`, or a scalar, or of the shape that is given. */
  f32(values: readonly number[] | Float32Array | number, name?: string, shape?: Shape): Value {
    const list = typeof values === "number" ? [values] : values;
    const own = typeof values === "number" ? [] : [list.length];
    return this.constant("f32", shape ?? own, held(Float32Array.from(list)), name);
  }

  /** An operation with one output. */
  add<Op extends Operation>(
    operation: Op,
    inputs: Inputs<Op>,
    attributes: Attributes<Op>,
    name?: string,
  ): Value {
    return this.addMany(operation, inputs, attributes, 1, name)[0];
  }

  /** An operation with several outputs (`VariadicSplit`, `TopK`). */
  addMany<Op extends Operation>(
    operation: Op,
    inputs: Inputs<Op>,
    attributes: Attributes<Op>,
    outputs: number,
    name?: string,
  ): [Value, ...Value[]] {
    const all: Record<string, unknown> = { ...attributeDefaults(operation), ...attributes };
    const texts = Object.fromEntries(Object.entries(all).map(([key, value]) => [key, attributeText(value)]));
    const ports = Array.from({ length: outputs }, (_, output): Output => {
      return { type: outputType(operation, inputs, all, output), names: [] };
    });
    return this.push(operation, operationVersions[operation], name, texts, inputs, ports, {});
  }

  /** A constant's values converted to f32 and marked, so that plugins keep the constant as it is. */
  decompressed(compressed: Value, name?: string): Value {
    const output: Output = { type: "f32", names: [] };
    return this.push("Convert", "opset1", name, { destination_type: "f32" }, [compressed], [output], {
      rtInfo: decompressionMark,
    })[0];
  }

  /**
   * Gives a tensor names by which passes and runtimes find it.
   * @throws GraphError for a name that another tensor has
   */
  nameTensor(value: Source, ...names: string[]): void {
    const node = this.nodes[value.node];
    const output = node?.outputs[value.output];
    if (node === undefined || output === undefined)
      throw new GraphError("A tensor of another graph was named.");
    this.claim(names);
    const outputs = [...node.outputs];
    outputs[value.output] = { ...output, names: [...output.names, ...names] };
    this.nodes[value.node] = { ...node, outputs };
  }

  /** An output of the model, addressed by `name`; several results in the order in which they are added. */
  result(value: Value, name: string): void {
    this.nameTensor(value, name);
    this.push("Result", "opset1", `Result_${this.nodes.length}`, {}, [value], [], {});
  }

  /** What has been built. */
  build(rtInfo?: XmlElement): Graph {
    return { name: this.name, version: 11, nodes: [...this.nodes], rtInfo };
  }

  private claim(names: readonly string[]): void {
    for (const name of names) {
      if (this.tensorNames.has(name))
        throw new GraphError(`Two tensors of the graph have the name "${name}".`);
      this.tensorNames.add(name);
    }
  }

  private push(
    type: string,
    version: string,
    name: string | undefined,
    attributes: Readonly<Record<string, string>>,
    inputs: readonly Value[],
    outputs: readonly Output[],
    more: Pick<Node, "data" | "rtInfo">,
  ): [Value, ...Value[]] {
    const id = this.nodes.length;
    const sources = inputs.map(({ node, output }): Source => ({ node, output }));
    this.nodes.push({
      id,
      name: name ?? `${type}_${id}`,
      type,
      version,
      attributes,
      inputs: sources,
      outputs,
      ...more,
    });
    const [first, ...rest] = outputs.map(
      (output, index): Value => ({ node: id, output: index, type: output.type }),
    );
    return [first ?? { node: id, output: 0, type: "dynamic" }, ...rest];
  }
}
