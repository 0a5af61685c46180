import { existsSync } from "node:fs";
import { mkdir, readdir, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readJson } from "../checkpoints/boundedJson.ts";
import type { Checkpoint, Submodel } from "../checkpoints/checkpoint.ts";
import { clipTensors } from "../checkpoints/clipKeys.ts";
import type { LoraSubmodel } from "../checkpoints/loraTargets.ts";
import { plainProduct, productBySize } from "../checkpoints/matrixProduct.ts";
import { type LoraChoice, type LoraReport, withLoras } from "../checkpoints/mergedCheckpoint.ts";
import type { TensorSource } from "../checkpoints/tensorSource.ts";
import type { Graph } from "../graph/graph.ts";
import { GraphEdit } from "../graph/graphEdit.ts";
import { readIr } from "../graph/ir/readIr.ts";
import { writeIr } from "../graph/ir/writeIr.ts";
import { halfConstant, int4Constants, int8Constants } from "../graph/quantization/compressedConstants.ts";
import { floatRows } from "../graph/quantization/floatRows.ts";
import { secondName } from "../platform/secondName.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { ConvertOptions } from "./conversion.ts";
import { asLimnerError, cancelled } from "./conversionError.ts";
import { floatStream, type OnBytes } from "./floatStream.ts";
import { irTensor } from "./irTensor.ts";
import { type IrWeight, irWeights } from "./irWeights.ts";
import { startFolder } from "./outputFolder.ts";
import { ProgressMeter } from "./progressMeter.ts";
import { findProductMachine } from "./runtimeProduct.ts";

const folders: Readonly<Record<LoraSubmodel, string>> = {
  unet: "unet",
  textEncoder: "text_encoder",
  textEncoder2: "text_encoder_2",
};

/** A submodel's IR, opened: its graph, and where each of its weights is in it. */
interface OpenIr {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, IrWeight>;
  readonly submodel: Submodel;
}

async function openIr(source: string, name: LoraSubmodel): Promise<OpenIr> {
  const folder = join(source, folders[name]);
  const graph = await readIr(join(folder, "openvino_model.xml"));
  const weights = irWeights(graph);
  const tensors = new Map([...weights].map(([name, weight]) => [name, irTensor(name, weight)]));
  const config = await readJson(join(folder, "config.json"));
  return { graph, weights, submodel: { config, tensors: name === "unet" ? tensors : clipTensors(tensors) } };
}

type OpenModel = Partial<Record<LoraSubmodel, OpenIr>> & { readonly unet: OpenIr };

async function openModel(source: string): Promise<OpenModel> {
  const open = (name: LoraSubmodel) => openIr(source, name);
  const there = (name: LoraSubmodel) => existsSync(join(source, folders[name], "openvino_model.xml"));
  return {
    unet: await open("unet"),
    ...(there("textEncoder") ? { textEncoder: await open("textEncoder") } : {}),
    ...(there("textEncoder2") ? { textEncoder2: await open("textEncoder2") } : {}),
  };
}

/** The networks of an IR folder as a checkpoint, for all that LoRAs are about: names, shapes and values of weights. */
function asCheckpoint(path: string, { unet, textEncoder, textEncoder2 }: OpenModel): Checkpoint {
  return {
    path,
    layout: "diffusers",
    pipeline: {},
    scheduler: {},
    unet: unet.submodel,
    vae: { config: {}, tensors: new Map() },
    textEncoder: textEncoder?.submodel,
    textEncoder2: textEncoder2?.submodel,
    tokenizers: {},
    close: async () => {},
  };
}

/** Puts values into the constants of a weight, compressed as it was. */
function store(edit: GraphEdit, { shape, stored }: IrWeight, values: TensorSource, onBytes: OnBytes): void {
  const rows = floatRows("f32", shape, floatStream(values, onBytes));
  switch (stored.kind) {
    case "float": {
      const { id, outputs } = stored.constant;
      if (outputs[0]?.type === "f16") edit.update(id, { data: halfConstant(rows) });
      else if (outputs[0]?.type === "f32") edit.update(id, { data: floatStream(values, onBytes) });
      else
        throw new LimnerError("model-unsupported", `No LoRA can be merged into ${outputs[0]?.type} weights.`);
      return;
    }
    case "int8": {
      const made = int8Constants(rows);
      edit.update(stored.constant.id, { data: made.weight });
      edit.update(stored.zeroPoint.id, { data: made.zeroPoint });
      edit.update(stored.scale.id, { data: made.scale });
      return;
    }
    case "int4": {
      const made = int4Constants(rows, stored.groupSize);
      edit.update(stored.constant.id, { data: made.weight });
      edit.update(stored.scale.id, { data: made.scale });
      return;
    }
    case "other":
      throw new LimnerError(
        "model-unsupported",
        `The weights of this model are compressed ${stored.what}, into which no LoRA can be merged. Get its checkpoint and convert it.`,
      );
  }
}

/** The tensors that merging changed, by the names that the graph has for them. */
function changedTensors(before: OpenIr, after: Submodel): Map<string, TensorSource> {
  const changed = new Map<string, TensorSource>();
  for (const name of before.weights.keys()) {
    const known = before.submodel.tensors.has(name) ? name : `text_model.${name}`;
    const tensor = after.tensors.get(known);
    if (tensor && tensor !== before.submodel.tensors.get(known)) changed.set(name, tensor);
  }
  return changed;
}

async function shareFolder(from: string, to: string, leave: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (leave.has(target)) continue;
    if (entry.isDirectory()) await shareFolder(source, target, leave);
    else {
      await mkdir(to, { recursive: true });
      // The hub's cache has links that mean something only where they are.
      await secondName(await realpath(source), target);
    }
  }
}

/** The bytes that are written anew. */
async function sizeOf(source: string, changes: readonly { readonly folder: string }[]): Promise<number> {
  let bytes = 0;
  for (const { folder } of changes) bytes += (await stat(join(source, folder, "openvino_model.bin"))).size;
  return bytes;
}

/** What to merge, and where to. */
export interface MergeRequest {
  /** A folder of OpenVINO IR. */
  readonly source: string;
  /** The folder to write; it must not exist or be empty. */
  readonly out: string;
  readonly loras: readonly LoraChoice[];
}

/**
 * Merges LoRAs into the weights of a folder of IR, whose checkpoint need not be known: weights are decompressed,
 * changed and compressed again in the way they were. What the LoRAs do not change is shared with the source.
 * @throws LimnerError with a sentence for the user; whatever went wrong, no half-written folder stays
 */
export async function mergeIntoIr(
  request: MergeRequest,
  options: ConvertOptions = {},
): Promise<LoraReport[]> {
  const source = resolve(request.source);
  const { signal } = options;
  const machine = await findProductMachine();
  const product = productBySize(machine?.product ?? plainProduct);
  let close = async () => {};
  try {
    const model = await openModel(source);
    const { checkpoint, reports } = await withLoras(asCheckpoint(source, model), request.loras, product);
    close = checkpoint.close;
    for (const report of reports) options.onLora?.(report);
    const changes = (Object.keys(folders) as LoraSubmodel[]).flatMap((name) => {
      const [before, after] = [model[name], checkpoint[name]];
      const changed = before && after ? changedTensors(before, after) : new Map<string, TensorSource>();
      return before && changed.size > 0 ? [{ folder: folders[name], before, changed }] : [];
    });
    const sizes = changes.flatMap(({ changed }) => [...changed.values()].map(({ byteLength }) => byteLength));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const meter = new ProgressMeter(total, options.onProgress ?? (() => {}));
    const folder = await startFolder(request.out, await sizeOf(source, changes));
    try {
      const written = changes.flatMap(({ folder: name }) =>
        ["xml", "bin"].map((extension) => join(folder.path, name, `openvino_model.${extension}`)),
      );
      await shareFolder(source, folder.path, new Set([...written, join(folder.path, "limner.json")]));
      for (const { folder: name, before, changed } of changes) {
        const edit = new GraphEdit(before.graph);
        for (const [weight, values] of changed) {
          const where = before.weights.get(weight);
          if (where) store(edit, where, values, (count) => meter.add(count));
        }
        const file = (extension: string) => join(folder.path, name, `openvino_model.${extension}`);
        await writeIr(edit.finish(), file("xml"), file("bin"), { signal });
      }
      await folder.finish();
    } catch (error) {
      await folder.abandon();
      throw error;
    }
    return reports;
  } catch (error) {
    throw signal?.aborted ? cancelled() : asLimnerError(error);
  } finally {
    await close();
    await machine?.dispose();
  }
}
