import { constantNode, decompressionMark, held } from "./constantNode.ts";
import type { ElementType } from "./elementType.ts";
import type { ConstantData, Graph, Node, Shape, Source } from "./graph.ts";
import { GraphError } from "./graphError.ts";
import { operationNode, valuesOf } from "./operationNode.ts";
import type { Attributes, Inputs, Operation, Value } from "./operations.ts";
import type { XmlElement } from "./xml/xmlElement.ts";

/**
 * Builds a graph node by node, in an order in which every node's inputs come before it. Names of nodes that are not
 * given are made from the operation and the id.
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
    this.claim([name]);
    const attributes = {
      shape: shape.map((dimension) => (dimension < 0 ? "?" : dimension)).join(","),
      element_type: type,
    };
    const outputs = [{ type, shape, names: [name] }];
    return this.push({ ...this.bare("Parameter", name), attributes, outputs })[0];
  }

  /**
   * A constant.
   * @param mark `keepPrecisionMark`, where it must stay f32
   * @throws GraphError where the data are not as long as type and shape say
   */
  constant(type: ElementType, shape: Shape, data: ConstantData, name?: string, mark?: XmlElement): Value {
    return this.push(constantNode(this.nodes.length, type, shape, data, name, mark))[0];
  }

  /** A list of integers `[n]`, or a scalar. */
  i64(values: readonly number[] | number, name?: string): Value {
    const list = typeof values === "number" ? [values] : values;
    const shape = typeof values === "number" ? [] : [list.length];
    return this.constant("i64", shape, held(BigInt64Array.from(list, BigInt)), name);
  }

  /** A list of floats `[n]`, or a scalar, or floats of the shape that is given. */
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
    return this.push(operationNode(this.nodes.length, operation, inputs, attributes, outputs, name));
  }

  /** A constant's values converted to f32 and marked, so that plugins keep the constant as it is. */
  decompressed(compressed: Value, name?: string): Value {
    const node = operationNode(
      this.nodes.length,
      "Convert",
      [compressed],
      { destination_type: "f32" },
      1,
      name,
    );
    return this.push({ ...node, rtInfo: decompressionMark })[0];
  }

  /**
   * Gives a tensor names by which passes and runtimes find it.
   * @throws GraphError for a name that a tensor has
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

  /** An output of the model, addressed by `name`; several in the order in which they are added. */
  result(value: Value, name: string): void {
    this.nameTensor(value, name);
    const inputs = [{ node: value.node, output: value.output }];
    this.push({ ...this.bare("Result", `Result_${this.nodes.length}`), inputs });
  }

  /** What has been built. @param rtInfo the model's own, such as `runtime_options` */
  build(rtInfo?: XmlElement): Graph {
    return { name: this.name, version: 11, nodes: [...this.nodes], ...(rtInfo && { rtInfo }) };
  }

  private bare(type: string, name: string): Node {
    return { id: this.nodes.length, name, type, version: "opset1", attributes: {}, inputs: [], outputs: [] };
  }

  private claim(names: readonly string[]): void {
    for (const name of names) {
      if (this.tensorNames.has(name))
        throw new GraphError(`Two tensors of the graph have the name "${name}".`);
      this.tensorNames.add(name);
    }
  }

  private push(node: Node): [Value, ...Value[]] {
    this.nodes.push(node);
    return valuesOf(node);
  }
}
