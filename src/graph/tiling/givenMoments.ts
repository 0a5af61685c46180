import type { Graph, Node, Source } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { GraphError } from "../graphError.ts";
import type { Value } from "../operations.ts";
import { exposeTensor } from "../passes/exposeTensor.ts";

/** A norm whose statistics are given and told. */
export interface OpenNorm {
  /** Name of the input f32 `[groups, 3]`: mean, variance and ε of each group. */
  readonly given: string;
  /** Name of the output f32 `[1, groups, 2]`: those of the core of what went in. */
  readonly found: string;
  readonly groups: number;
  /** ε as the norm has it. It comes in with the moments, so that no constant is added to the graph's. */
  readonly epsilon: number;
}

/** Names of the inputs that all norms share. */
export interface MomentInputs {
  /** i64 `[4]`: first row and column, row and column behind the last, of the core, in cells of the coarsest tensor. */
  readonly core: string;
  /** f32 `[1]`: 0 takes the given statistics, 1 those of the core itself. */
  readonly own: string;
}

/** A group norm as exporters write it: one operation, or `MVN` over what a `Reshape` has brought into groups. */
interface Norm {
  readonly node: Node;
  /** The image `[batch, channels, height, width]`. */
  readonly image: Source;
  readonly groups: number;
  readonly epsilon: number;
}

function normOf(edit: GraphEdit, node: Node): Norm {
  const [data] = node.inputs;
  if (!data) throw new GraphError(`The norm "${node.name}" has no input.`);
  if (node.type === "GroupNormalization") {
    const { num_groups: groups, epsilon } = node.attributes;
    return { node, image: data, groups: Number(groups), epsilon: Number(epsilon) };
  }
  const reshape = edit.node(data.node);
  const [image] = reshape.inputs;
  const [, groups = -1] = reshape.outputs[0]?.shape ?? [];
  if (reshape.type !== "Reshape" || reshape.outputs[0]?.shape?.length !== 3 || groups < 1 || !image) {
    throw new GraphError(`The norm "${node.name}" is not one of groups of an image's channels.`);
  }
  if (node.attributes["eps_mode"]?.toLowerCase() !== "inside_sqrt") {
    throw new GraphError(`The norm "${node.name}" adds its epsilon outside of the root.`);
  }
  return { node, image, groups, epsilon: Number(node.attributes["eps"]) };
}

/** Adds operations in front of a norm. */
class NormEdit {
  readonly edit: GraphEdit;
  readonly norm: Norm;

  constructor(edit: GraphEdit, norm: Norm) {
    this.edit = edit;
    this.norm = norm;
  }

  get #at(): number {
    return this.norm.node.id;
  }

  i64(values: readonly number[] | number): Value {
    return this.edit.insertI64(this.#at, values);
  }

  binary(operation: "Add" | "Subtract" | "Multiply" | "Divide", a: Value, b: Value): Value {
    return this.edit.insert(this.#at, operation, [a, b], {});
  }

  reshape(value: Value, shape: readonly number[]): Value {
    return this.edit.insert(this.#at, "Reshape", [value, this.i64(shape)], { special_zero: true });
  }

  gather(value: Value, indices: readonly number[], axis: number): Value {
    return this.edit.insert(this.#at, "Gather", [value, this.i64(indices), this.i64(axis)], {
      batch_dims: 0,
    });
  }

  mean(value: Value): Value {
    return this.edit.insert(this.#at, "ReduceMean", [value, this.i64([2])], { keep_dims: true });
  }

  /** The core of the norm's image in groups, `[batch, groups, values]`. @param cells rows to one row of the core */
  core(bounds: Value, cells: number): Value {
    const scaled = this.binary("Multiply", bounds, this.i64([cells]));
    const start = this.gather(scaled, [0, 1], 0);
    const stop = this.gather(scaled, [2, 3], 0);
    const inputs = [
      this.edit.value(this.norm.image),
      start,
      stop,
      this.i64([1, 1]),
      this.i64([2, 3]),
    ] as const;
    return this.reshape(this.edit.insert(this.#at, "Slice", inputs, {}), [0, this.norm.groups, -1]);
  }

  /** Mean and √(variance + ε) that the norm uses, `[1, groups, 1]` each, and mean and variance of the core. */
  moments(given: Value, own: Value, core: Value): { mean: Value; deviation: Value; found: Value } {
    const column = (index: number) => this.reshape(this.gather(given, [index], 1), [1, -1, 1]);
    const [mean, variance, epsilon] = [column(0), column(1), column(2)];
    // Deviations from the given mean: squares of values far from zero would cancel.
    const distance = this.binary("Subtract", core, mean);
    const shift = this.mean(distance);
    const square = this.mean(this.binary("Multiply", distance, distance));
    const coreVariance = this.binary("Subtract", square, this.binary("Multiply", shift, shift));
    const found = this.edit.insert(this.#at, "Concat", [this.binary("Add", mean, shift), coreVariance], {
      axis: 2,
    });
    const usedMean = this.binary("Add", mean, this.binary("Multiply", own, shift));
    const change = this.binary("Multiply", own, this.binary("Subtract", coreVariance, variance));
    const sum = this.binary("Add", this.binary("Add", variance, change), epsilon);
    const deviation = this.edit.insert(this.#at, "Sqrt", [sum], {});
    return { mean: usedMean, deviation, found };
  }

  /** What takes the norm's place. */
  normalized({ mean, deviation }: { mean: Value; deviation: Value }): Value {
    const { node, groups, image } = this.norm;
    const [data, scale, bias] = node.inputs;
    if (node.type === "MVN" && data) {
      return this.binary("Divide", this.binary("Subtract", this.edit.value(data), mean), deviation);
    }
    if (!scale || !bias) throw new GraphError(`The norm "${node.name}" has no scale or no bias.`);
    // One multiplication and one addition a value: everything else is done for each channel.
    const grouped = (source: Source) => this.reshape(this.edit.value(source), [1, groups, -1]);
    const slope = this.binary("Divide", grouped(scale), deviation);
    const offset = this.binary("Subtract", grouped(bias), this.binary("Multiply", mean, slope));
    const perChannel = (value: Value) => this.reshape(value, [1, -1, 1, 1]);
    const scaled = this.binary("Multiply", this.edit.value(image), perChannel(slope));
    return this.binary("Add", scaled, perChannel(offset));
  }
}

function parameter(id: number, name: string, type: "f32" | "i64", shape: readonly number[]): Node {
  return {
    id,
    name,
    type: "Parameter",
    version: "opset1",
    attributes: { shape: shape.join(","), element_type: type },
    inputs: [],
    outputs: [{ type, shape, names: [name] }],
  };
}

/**
 * Makes group norms normalize by statistics that are given instead of those of what is seen, and tell the latter: so
 * tiles of an image are normalized alike. For a batch of one.
 * @param cells how many rows of a node's output are one row of the core, by node id
 * @param inputs names of the new inputs; the norms' own get numbers behind `core`'s
 * @throws GraphError for a norm that is not one of groups
 */
export function takeMoments(
  graph: Graph,
  cells: ReadonlyMap<number, number>,
  inputs: MomentInputs,
): { graph: Graph; norms: OpenNorm[] } {
  const nodes = graph.nodes.filter(({ type }) => type === "GroupNormalization" || type === "MVN");
  const before = new GraphEdit(graph);
  const norms = nodes.map((node) => normOf(before, node));
  let free = graph.nodes.reduce((largest, { id }) => Math.max(largest, id), -1) + 1;
  const core = parameter(free++, inputs.core, "i64", [4]);
  const own = parameter(free++, inputs.own, "f32", [1]);
  const given = norms.map(({ groups }, index) =>
    parameter(free++, `${inputs.core}/given/${index}`, "f32", [groups, 3]),
  );
  const isParameter = ({ type }: Node) => type === "Parameter";
  const edit = new GraphEdit({
    ...graph,
    nodes: [
      ...graph.nodes.filter(isParameter),
      core,
      own,
      ...given,
      ...graph.nodes.filter((node) => !isParameter(node)),
    ],
  });
  const tensorOf = ({ id }: Node) => edit.value({ node: id, output: 0 });
  const found: Source[] = [];
  const open = norms.map((norm, index): OpenNorm => {
    const change = new NormEdit(edit, norm);
    const input = given[index] as Node;
    const part = change.core(tensorOf(core), cells.get(norm.image.node) ?? 1);
    const moments = change.moments(tensorOf(input), tensorOf(own), part);
    const normalized = change.normalized(moments);
    edit.redirect({ node: norm.node.id, output: 0 }, normalized);
    found.push(moments.found);
    return {
      given: input.name,
      found: `${inputs.core}/found/${index}`,
      groups: norm.groups,
      epsilon: norm.epsilon,
    };
  });
  for (const { node } of norms) edit.remove(node.id);
  const told = open.reduce(
    (changed, norm, index) => exposeTensor(changed, found[index] as Source, norm.found),
    edit.finish(),
  );
  return { graph: told, norms: open };
}
