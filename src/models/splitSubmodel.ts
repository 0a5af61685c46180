import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph } from "../graph/graph.ts";
import { GraphError } from "../graph/graphError.ts";
import { readIr } from "../graph/ir/readIr.ts";
import { writeDerivedXml } from "../graph/ir/writeIr.ts";
import { wrapConvolutions } from "../graph/passes/wrapConvolutions.ts";
import {
  enlargements,
  type NetworkEnds,
  reductions,
  type SplitNetwork,
  splitDecoder,
  splitEncoder,
  tilePart,
} from "../graph/tiling/split.ts";
import type { CompiledModel, ModelFiles } from "../openvino/runtime.ts";
import type { SplitNeeds, SplitSubmodel, VaeName } from "../pipelines/submodels.ts";
import { LimnerError } from "../protocol/limnerError.ts";

const ends: Record<VaeName, NetworkEnds> = {
  vae_encoder: { input: "sample", output: "latent_parameters" },
  vae_decoder: { input: "latent_sample", output: "sample" },
};

function split(graph: Graph, submodel: VaeName, wholeScalings: number): SplitNetwork {
  if (submodel === "vae_decoder") {
    const most = enlargements(graph).length - 1;
    return splitDecoder(graph, ends[submodel], Math.min(wholeScalings, most));
  }
  const tiled = reductions(graph).length - wholeScalings;
  return splitEncoder(graph, ends[submodel], Math.max(1, tiled));
}

/**
 * Compiles a VAE's encoder or decoder in two parts.
 * @param xml the submodel's `.xml`
 * @param compile compiles one of them, and need not keep its `.xml`
 * @throws LimnerError `model-unsupported` where the graph is not built so that it can be split
 */
export async function compileSplit(
  xml: string,
  submodel: VaeName,
  { wholeScalings, tile }: SplitNeeds,
  compile: (files: ModelFiles) => Promise<CompiledModel>,
): Promise<SplitSubmodel> {
  const bin = xml.replace(/\.xml$/, ".bin");
  const folder = await mkdtemp(join(tmpdir(), "limner-"));
  const files = (name: string) => ({ xml: join(folder, `${name}.xml`), bin });
  try {
    const graph = await readIr(xml);
    const { tiled, tiledEnds, ...parts } = split(graph, submodel, wholeScalings);
    const tiles = tilePart(tiled, tiledEnds);
    // What a tile sees around itself comes from the opposite edge already: only the whole part has to wrap.
    const whole = tile ? split(wrapConvolutions(graph, tile), submodel, wholeScalings).whole : parts.whole;
    await writeDerivedXml(whole, files("whole").xml, bin);
    await writeDerivedXml(tiles.graph, files("tiles").xml, bin);
    const compiled = await compile(files("whole"));
    try {
      const { graph: _, ...layout } = tiles;
      const model = await compile(files("tiles"));
      return {
        whole: compiled,
        tiles: { ...layout, model },
        dispose() {
          compiled.dispose();
          model.dispose();
        },
      };
    } catch (error) {
      compiled.dispose();
      throw error;
    }
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new LimnerError(
      "model-unsupported",
      `A picture of this size cannot be made in tiles with ${xml}: ${error.message} Choose a smaller size.`,
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
