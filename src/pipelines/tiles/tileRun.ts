import type { InferRequest } from "../../openvino/runtime.ts";
import { f32, i64, type Tensor, type TensorOf } from "../../openvino/tensor.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { TileModel } from "../submodels.ts";
import { cutPlanes, pastePlanes, type Rectangle } from "./planes.ts";
import { momentsChange, PooledMoments } from "./pooledMoments.ts";
import { type Tile, type TileSpan, tilesOf } from "./tileLayout.ts";

/** How an image is divided. */
export interface Tiling {
  /** How many cells, along each axis, a tile may be for. */
  readonly longest: number;
  /** Along which axes the image continues at its opposite edge. */
  readonly wraps: { readonly x: boolean; readonly y: boolean };
}

/**
 * Statistics count as settled when none moved by more than this many standard deviations. Pictures then are the whole
 * network's to 50 dB and better.
 */
const settled = 0.01;

/** The output of a run of one tile. */
function floatsOf(outputs: Record<string, Tensor>, name: string): TensorOf<"f32"> {
  const tensor = outputs[name];
  if (tensor?.type === "f32") return tensor;
  throw new LimnerError("model-damaged", `The VAE gives no floats for ${name}. Get the model again.`);
}

/** A span times rows to a cell, from the start of what the tile sees. */
function coreOf({ y, x }: Tile, rows: number): Rectangle {
  const length = ({ start, stop }: TileSpan) => (stop - start) * rows;
  return {
    y: (y.start - y.from) * rows,
    x: (x.start - x.from) * rows,
    height: length(y),
    width: length(x),
  };
}

/** One image that goes through a tile's network. */
class TiledImage {
  readonly #network: TileModel;
  readonly #image: TensorOf<"f32">;
  readonly #tiles: readonly Tile[];
  readonly #request: InferRequest;
  /** `[1, channels, rows, columns]`, once the first tile has told the channels. */
  #output: TensorOf<"f32"> | undefined;

  constructor(network: TileModel, image: TensorOf<"f32">, tiles: readonly Tile[], request: InferRequest) {
    this.#network = network;
    this.#image = image;
    this.#tiles = tiles;
    this.#request = request;
  }

  /** The moments of every norm over all tiles, normalized by those given, or each tile by its own. */
  async pass(given: readonly Float32Array[], own: boolean, signal?: AbortSignal): Promise<Float32Array[]> {
    const { norms } = this.#network;
    const pools = norms.map(({ groups }) => new PooledMoments(groups));
    for (const tile of this.#tiles) {
      const outputs = await this.#run(tile, given, own, signal);
      const { height, width } = coreOf(tile, 1);
      for (const [index, { found }] of norms.entries())
        pools[index]?.add(floatsOf(outputs, found).data, height * width);
      this.#paste(floatsOf(outputs, this.#network.names.output), tile);
    }
    return pools.map((pool) => pool.result());
  }

  get output(): TensorOf<"f32"> {
    if (!this.#output) throw new Error("no tile was run");
    return this.#output;
  }

  #run(tile: Tile, given: readonly Float32Array[], own: boolean, signal?: AbortSignal) {
    const { names, norms, inputRows } = this.#network;
    const { y, x } = tile;
    const seen = {
      y: y.from * inputRows,
      x: x.from * inputRows,
      height: y.length * inputRows,
      width: x.length * inputRows,
    };
    const core = coreOf(tile, 1);
    const inputs: Record<string, Tensor> = {
      [names.input]: cutPlanes(this.#image, seen),
      [names.core]: i64([4], [core.y, core.x, core.y + core.height, core.x + core.width]),
      [names.own]: f32([1], [own ? 1 : 0]),
    };
    for (const [index, norm] of norms.entries()) {
      const moments = given[index];
      const rows = Array.from({ length: norm.groups }, (_, group) => [
        moments?.[2 * group] ?? 0,
        moments?.[2 * group + 1] ?? 1,
        norm.epsilon,
      ]);
      inputs[norm.given] = f32([norm.groups, 3], rows.flat());
    }
    return this.#request.infer(inputs, { signal });
  }

  #paste(drawn: TensorOf<"f32">, tile: Tile): void {
    const { inputRows, outputRows } = this.#network;
    const [, , rows = 0, columns = 0] = this.#image.shape;
    const [, channels = 0, height, width] = drawn.shape;
    if (height !== tile.y.length * outputRows || width !== tile.x.length * outputRows) {
      throw new LimnerError(
        "model-unsupported",
        `The VAE makes ${width}x${height} of a tile, not ${tile.x.length * outputRows}x${tile.y.length * outputRows}. ` +
          "Draw a smaller picture, which needs no tiles.",
      );
    }
    const scaled = (length: number) => (length / inputRows) * outputRows;
    if (!this.#output) {
      const shape = [1, channels, scaled(rows), scaled(columns)];
      this.#output = f32(shape, new Float32Array(channels * scaled(rows) * scaled(columns)));
    }
    const at = { y: tile.y.start * outputRows, x: tile.x.start * outputRows };
    pastePlanes(drawn, coreOf(tile, outputRows), this.#output, at);
  }
}

/**
 * Runs a network tile by tile as if it saw the whole image. Each tile sees as much around its core as the network's
 * convolutions reach, so that only the norms know of tiles: they take the statistics of all tiles together. Those are
 * found in passes. The first normalizes each tile by its own statistics; each pass after it by what all tiles of the
 * pass before had, until they stay the same. As many passes as there are norms would make them exact, since each pass
 * makes one norm more exact; two or three are enough.
 * @param image `[1, channels, rows, columns]`, a whole number of cells
 * @throws LimnerError `cancelled`, `model-unsupported` where the network does not give the size that it should
 */
export async function runTiles(
  network: TileModel,
  image: TensorOf<"f32">,
  { longest, wraps }: Tiling,
  signal?: AbortSignal,
): Promise<TensorOf<"f32">> {
  const { norms, inputRows } = network;
  const [, , rows = 0, columns = 0] = image.shape;
  const size = { height: rows / inputRows, width: columns / inputRows };
  const tiles = tilesOf(size, longest, network, wraps);
  const request = network.model.createInferRequest();
  try {
    const run = new TiledImage(network, image, tiles, request);
    let moments = await run.pass([], true, signal);
    for (let pass = 0; pass < norms.length && tiles.length > 1; pass++) {
      const found = await run.pass(moments, false, signal);
      const change = Math.max(...found.map((after, norm) => momentsChange(moments[norm] ?? after, after)));
      if (change <= settled) break;
      moments = found;
    }
    return run.output;
  } finally {
    request.dispose();
  }
}
