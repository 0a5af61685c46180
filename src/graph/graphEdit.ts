import { constantNode, held } from "./constantNode.ts";
import type { ElementType } from "./elementType.ts";
import type { ConstantData, Graph, Node, Shape, Source } from "./graph.ts";
import { GraphError } from "./graphError.ts";
import { operationNode, valuesOf } from "./operationNode.ts";
import type { Attributes, Inputs, Operation, Value } from "./operations.ts";
import type { XmlElement } from "./xml/xmlElement.ts";

/** An input of a node. */
export interface Reader {
  readonly node: Node;
  readonly input: number;
}

/** Changes to a graph, which itself stays as it is: `finish` gives a new one. */
export class GraphEdit {
  private readonly graph: Graph;
  private readonly byId: Map<number, Node>;
  private readonly inserted = new Map<number, Node[]>();
  private readonly readersOf: ReadonlyMap<string, readonly Reader[]>;
  private nextId: number;

  constructor(graph: Graph) {
    this.graph = graph;
    this.byId = new Map(graph.nodes.map((node) => [node.id, node]));
    this.readersOf = readersByTensor(graph);
    this.nextId = graph.nodes.reduce((largest, { id }) => Math.max(largest, id), -1) + 1;
  }

  /** The node as it is now. @throws GraphError where there is none with this id */
  node(id: number): Node {
    const node = this.byId.get(id);
    if (node === undefined) throw new GraphError(`The graph has no node ${id}.`);
    return node;
  }

  /** A tensor of the graph as a value. */
  value({ node, output }: Source): Value {
    return { node, output, type: this.node(node).outputs[output]?.type ?? "dynamic" };
  }

  /** The inputs that a tensor went into before the edit. */
  readers({ node, output }: Source): readonly Reader[] {
    return this.readersOf.get(`${node} ${output}`) ?? [];
  }

  /** Adds an operation with one output in front of an existing node. */
  insert<Op extends Operation>(
    before: number,
    operation: Op,
    inputs: Inputs<Op>,
    attributes: Attributes<Op>,
    name?: string,
    mark?: XmlElement,
  ): Value {
    const node = operationNode(this.nextId, operation, inputs, attributes, 1, name);
    return this.place(before, mark ? { ...node, rtInfo: mark } : node);
  }

  /** Adds a constant in front of an existing node. */
  insertConstant(before: number, type: ElementType, shape: Shape, data: ConstantData, name?: string): Value {
    return this.place(before, constantNode(this.nextId, type, shape, data, name));
  }

  /** Adds a list of integers, or a scalar, in front of an existing node. */
  insertI64(before: number, values: readonly number[] | number): Value {
    const list = typeof values === "number" ? [values] : values;
    const shape = typeof values === "number" ? [] : [list.length];
    return this.insertConstant(before, "i64", shape, held(BigInt64Array.from(list, BigInt)));
  }

  /** Adds a `Result` behind all other nodes. */
  appendResult(value: Source, name: string): void {
    const inputs = [{ node: value.node, output: value.output }];
    const id = this.nextId;
    this.place(Number.NaN, {
      id,
      name,
      type: "Result",
      version: "opset1",
      attributes: {},
      inputs,
      outputs: [],
    });
  }

  /** Replaces parts of a node. */
  update(id: number, changes: Partial<Omit<Node, "id">>): void {
    this.byId.set(id, { ...this.node(id), ...changes });
  }

  /** Feeds an input from another tensor. */
  feed(id: number, input: number, source: Source): void {
    const inputs = [...this.node(id).inputs];
    inputs[input] = { node: source.node, output: source.output };
    this.update(id, { inputs });
  }

  /** Feeds all inputs that a tensor went into before the edit from another one. */
  redirect(from: Source, to: Source): void {
    for (const { node, input } of this.readers(from)) this.feed(node.id, input, to);
  }

  /** Takes a node out. Nothing may read it any more. */
  remove(id: number): void {
    this.byId.delete(id);
  }

  /** The graph with all changes. */
  finish(): Graph {
    const nodes = this.graph.nodes.flatMap(({ id }) => {
      const node = this.byId.get(id);
      return [...(this.inserted.get(id) ?? []), ...(node ? [node] : [])];
    });
    return { ...this.graph, nodes: [...nodes, ...(this.inserted.get(Number.NaN) ?? [])] };
  }

  private place(before: number, node: Node): Value {
    this.nextId += 1;
    const list = this.inserted.get(before);
    if (list) list.push(node);
    else this.inserted.set(before, [node]);
    return valuesOf(node)[0];
  }
}

/** Every node's inputs, by the tensor that goes in. */
function readersByTensor(graph: Graph): Map<string, Reader[]> {
  const readers = new Map<string, Reader[]>();
  for (const node of graph.nodes) {
    for (const [input, source] of node.inputs.entries()) {
      if (source === undefined) continue;
      const key = `${source.node} ${source.output}`;
      const list = readers.get(key);
      if (list) list.push({ node, input });
      else readers.set(key, [{ node, input }]);
    }
  }
  return readers;
}
