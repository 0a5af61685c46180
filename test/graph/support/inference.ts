import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { Graph } from "../../../src/graph/graph.ts";
import { writeIr } from "../../../src/graph/ir/writeIr.ts";
import type { ModelFiles, Runtime } from "../../../src/openvino/runtime.ts";
import type { Tensor } from "../../../src/openvino/tensor.ts";

/** What makes OpenVINO compute as exactly as it can. */
export const exact = { INFERENCE_PRECISION_HINT: "f32", DYNAMIC_QUANTIZATION_GROUP_SIZE: "0" };

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "limner-graph-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The outputs of a model on disk, in f32 on the CPU. */
export async function infer(
  runtime: Runtime,
  model: ModelFiles,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const compiled = await runtime.compile(model, { device: "CPU", properties: exact });
  const request = compiled.createInferRequest();
  try {
    return await request.infer(inputs);
  } finally {
    request.dispose();
    compiled.dispose();
  }
}

/** The outputs of a graph, written to a folder of its own first. */
export async function inferGraph(
  runtime: Runtime,
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const folder = temporaryFolder();
  const files = { xml: path.join(folder, "graph.xml"), bin: path.join(folder, "graph.bin") };
  await writeIr(graph, files.xml, files.bin);
  return infer(runtime, files, inputs);
}

/** The values of an output that is f32. */
export function floatsOf(outputs: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const tensor = outputs[name];
  if (tensor?.type !== "f32") throw new Error(`There is no f32 output ${name}`);
  return tensor.data;
}
