import { stat } from "node:fs/promises";
import type { ElementType } from "../graph/elementType.ts";
import { elementCount } from "../graph/elementType.ts";
import { nodesOfType } from "../graph/graph.ts";
import { readIr } from "../graph/ir/readIr.ts";

/** What a submodel weighs. */
export interface SubmodelSummary {
  readonly name: string;
  readonly parameters: number;
  readonly bytes: number;
  /** The type that holds most parameters: `int8`, `fp16`, … */
  readonly precision: string;
}

const precisionNames: Readonly<Partial<Record<ElementType, string>>> = {
  f32: "fp32",
  f16: "fp16",
  bf16: "bf16",
  u8: "int8",
  i8: "int8",
  u4: "int4",
  i4: "int4",
  nf4: "nf4",
};

/** Counts the weights of an IR; scales and zero points of compressed ones are none. */
export async function submodelSummary(name: string, xml: string): Promise<SubmodelSummary> {
  const counts = new Map<string, number>();
  for (const node of nodesOfType(await readIr(xml), "Const")) {
    const [output] = node.outputs;
    const precision = output && precisionNames[output.type];
    if (!output || !precision || /\/(scale|zero_point)$/.test(node.name)) continue;
    counts.set(precision, (counts.get(precision) ?? 0) + elementCount(output.shape ?? []));
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return {
    name,
    parameters: [...counts.values()].reduce((sum, count) => sum + count, 0),
    bytes: (await stat(xml.replace(/\.xml$/, ".bin"))).size,
    precision: most?.[0] ?? "none",
  };
}
