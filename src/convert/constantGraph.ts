import type { ElementType } from "../graph/elementType.ts";
import type { Graph, Node, Shape, Source } from "../graph/graph.ts";
import type { XmlElement } from "../graph/xml/xmlElement.ts";

/** What an operation's output is. */
export interface OutputType {
  readonly type: ElementType;
  readonly shape: Shape;
  readonly names?: readonly string[];
}

/** Collects the nodes of a small graph whose constants are held in memory. */
export class ConstantGraph {
  readonly #nodes: Node[] = [];
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** Adds an operation and returns its outputs. */
  add(
    operation: { readonly type: string; readonly version: string; readonly name?: string },
    attributes: Readonly<Record<string, string>>,
    inputs: readonly Source[],
    outputs: readonly OutputType[],
    kept?: Node["kept"],
  ): Source[] {
    const id = this.#nodes.length;
    this.#nodes.push({
      id,
      name: operation.name ?? `${operation.type}_${id}`,
      type: operation.type,
      version: operation.version,
      attributes,
      inputs,
      outputs: outputs.map(({ type, shape, names = [] }) => ({ type, shape, names })),
      kept,
    });
    return outputs.map((_, output) => ({ node: id, output }));
  }

  #constant(type: ElementType, shape: Shape, bytes: Uint8Array): Source {
    const id = this.#nodes.length;
    this.#nodes.push({
      id,
      name: `Constant_${id}`,
      type: "Const",
      version: "opset1",
      attributes: { element_type: type, shape: shape.join(",") },
      inputs: [],
      outputs: [{ type, shape, names: [] }],
      data: { kind: "held", bytes },
    });
    return { node: id, output: 0 };
  }

  /** 32-bit integers: a list, or a scalar where one number is given. */
  integers(values: number | ArrayLike<number>): Source {
    const list = typeof values === "number" ? Int32Array.of(values) : Int32Array.from(values);
    return this.#constant(
      "i32",
      typeof values === "number" ? [] : [list.length],
      new Uint8Array(list.buffer),
    );
  }

  /** One 64-bit integer. */
  long(value: number): Source {
    return this.#constant("i64", [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
  }

  boolean(value: boolean): Source {
    return this.#constant("boolean", [], Uint8Array.of(value ? 1 : 0));
  }

  bytes(values: Uint8Array): Source {
    return this.#constant("u8", [values.length], values);
  }

  text(value: string): Source {
    return this.bytes(new TextEncoder().encode(value));
  }

  /** The graph with what was added, and its `rt_info`. */
  finished(rtInfo: XmlElement): Graph {
    return { name: this.#name, version: 11, nodes: this.#nodes, rtInfo };
  }
}
