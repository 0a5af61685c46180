import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/operations.ts";
import { ArchitectureError } from "./architectureError.ts";
import { Layers } from "./layers.ts";
import { downsample, type Feature, resnet, type TimeEmbedding, upsample } from "./resnet.ts";
import { transformer } from "./transformer.ts";
import { readUnetConfig, type UnetConfig, type UnetLevel } from "./unetConfig.ts";
import { sinusoids } from "./waves.ts";
import type { WeightSource } from "./weights.ts";

/**
 * SDXL's UNet: `sample` `[batch, channels, height, width]` (4 channels of latents; 9 with mask and masked image),
 * `timestep` i64 `[1]`, `encoder_hidden_states` `[batch, tokens, context]`, for latent consistency models
 * `timestep_cond` `[batch, condition]`, `text_embeds` `[batch, text]`, `time_ids` `[batch, ids]` to `out_sample`
 * `[batch, channels, height, width]`. Height and width may be any.
 * @param config its `config.json`
 * @param textWidth the width of the pooled text embedding: `projection_dim` of the second text encoder
 * @throws ArchitectureError
 */
export function unetGraph(config: unknown, weights: WeightSource, textWidth: number): Graph {
  const read = readUnetConfig(config);
  const { idWidth, additionWidth } = read;
  const ids = (additionWidth - textWidth) / idWidth;
  if (!Number.isInteger(ids) || ids < 1)
    throw new ArchitectureError(
      `The configuration of the UNet says ${additionWidth} for projection_class_embeddings_input_dim, which is not ${textWidth} of the second text encoder and a multiple of ${idWidth}. Check that the UNet and the text encoder belong together.`,
    );
  return new UnetNetwork(read, weights).build(textWidth, ids);
}

class UnetNetwork {
  readonly #config: UnetConfig;
  readonly #graph = new GraphBuilder("Unet");
  readonly #layers: Layers;

  constructor(config: UnetConfig, weights: WeightSource) {
    this.#config = config;
    this.#layers = new Layers(this.#graph, weights);
  }

  build(textWidth: number, ids: number): Graph {
    const { inputChannels, contextWidth, conditionWidth } = this.#config;
    const graph = this.#graph;
    const sample = graph.parameter("sample", "f32", [-1, inputChannels, -1, -1]);
    const timestep = graph.parameter("timestep", "i64", [1]);
    const text = graph.parameter("encoder_hidden_states", "f32", [-1, -1, contextWidth]);
    const condition =
      conditionWidth === undefined
        ? undefined
        : graph.parameter("timestep_cond", "f32", [-1, conditionWidth]);
    const pooled = graph.parameter("text_embeds", "f32", [-1, textWidth]);
    const timeIds = graph.parameter("time_ids", "f32", [-1, ids]);
    const embedded = this.#layers.plus(
      this.#embedTimestep(timestep, condition),
      this.#embedAddition(pooled, timeIds, ids),
      "embedding",
    );
    // Every residual block begins with this activation: it is computed once.
    const time = { value: this.#layers.activation(embedded, "silu"), width: this.#config.timeWidth };
    const passage = new UnetPassage(this.#config, this.#layers, time, text);
    graph.result(passage.run(sample), "out_sample");
    return graph.build();
  }

  /** `[1]` to `[1, width]`; one row serves the whole batch, unless there is a condition. */
  #embedTimestep(timestep: Value, condition: Value | undefined): Value {
    const layers = this.#layers;
    const { down, waves, timeWidth, conditionWidth } = this.#config;
    const inputs = down[0]?.channels ?? 0;
    const number = this.#graph.add("Convert", [timestep], { destination_type: "f32" }, "timestep/f32");
    const column = this.#graph.add("Unsqueeze", [number, layers.integers([1])], {});
    let hidden = sinusoids(layers, column, { width: inputs, ...waves }, "time_proj");
    if (condition !== undefined && conditionWidth !== undefined) {
      const ends = { inputs: conditionWidth, outputs: inputs, bias: false };
      hidden = layers.plus(hidden, layers.linear(condition, "time_embedding.cond_proj", ends, 2));
    }
    return this.#twoLayers(hidden, "time_embedding", inputs, timeWidth);
  }

  /** `[batch, text]` and `[batch, ids]` to `[batch, width]`. */
  #embedAddition(pooled: Value, timeIds: Value, ids: number): Value {
    const layers = this.#layers;
    const { idWidth, waves, additionWidth, timeWidth } = this.#config;
    const columns = this.#graph.add("Unsqueeze", [timeIds, layers.integers([2])], {});
    const each = sinusoids(layers, columns, { width: idWidth, ...waves }, "add_time_proj");
    const flat = layers.reshape(each, [0, ids * idWidth]);
    const addition = this.#graph.add("Concat", [pooled, flat], { axis: -1 });
    return this.#twoLayers(addition, "add_embedding", additionWidth, timeWidth);
  }

  #twoLayers(x: Value, module: string, inputs: number, outputs: number): Value {
    const layers = this.#layers;
    const first = layers.linear(x, `${module}.linear_1`, { inputs, outputs, bias: true }, 2);
    const ends = { inputs: outputs, outputs, bias: true };
    return layers.linear(layers.activation(first, "silu"), `${module}.linear_2`, ends, 2);
  }
}

/** The way of an image down through the levels, through the middle, and up again. */
class UnetPassage {
  readonly #config: UnetConfig;
  readonly #layers: Layers;
  readonly #time: TimeEmbedding;
  readonly #text: Value;
  /** What the way down leaves for the way up. */
  readonly #skips: Feature[] = [];

  constructor(config: UnetConfig, layers: Layers, time: TimeEmbedding, text: Value) {
    this.#config = config;
    this.#layers = layers;
    this.#time = time;
    this.#text = text;
  }

  run(sample: Value): Value {
    const layers = this.#layers;
    const { inputChannels, outputChannels, down, up, kernels, groups, epsilon } = this.#config;
    const channels = down[0]?.channels ?? 0;
    const first = layers.convolution(sample, "conv_in", around(kernels.first, inputChannels, channels));
    let x: Feature = { value: first, channels };
    this.#skips.push(x);
    for (const [index, level] of down.entries()) x = this.#down(x, level, index);
    x = this.#middle(x);
    for (const [index, level] of up.entries()) x = this.#up(x, level, index);
    const normal = layers.groupNorm(x.value, "conv_norm_out", { channels: x.channels, groups, epsilon });
    const last = around(kernels.last, x.channels, outputChannels);
    return layers.convolution(layers.activation(normal, "silu"), "conv_out", last);
  }

  #down(x: Feature, level: UnetLevel, index: number): Feature {
    const block = `down_blocks.${index}`;
    let hidden = x;
    for (let layer = 0; layer < level.layers; layer += 1) {
      hidden = this.#resnet(hidden, `${block}.resnets.${layer}`, level.channels);
      hidden = this.#attend(hidden, `${block}.attentions.${layer}`, level.heads, level.depths?.[layer]);
      this.#skips.push(hidden);
    }
    if (index === this.#config.down.length - 1) return hidden;
    const module = `${block}.downsamplers.0`;
    const smaller = downsample(this.#layers, hidden, module, this.#config.downsamplePadding);
    this.#skips.push(smaller);
    return smaller;
  }

  #middle(x: Feature): Feature {
    const { middle, down } = this.#config;
    if (middle.kind === "none") return x;
    const first = this.#resnet(x, "mid_block.resnets.0", x.channels);
    if (middle.kind === "plain") return first;
    const heads = down.at(-1)?.heads ?? 1;
    const attended = this.#attend(first, "mid_block.attentions.0", heads, middle.depth);
    return this.#resnet(attended, "mid_block.resnets.1", x.channels);
  }

  #up(x: Feature, level: UnetLevel, index: number): Feature {
    const block = `up_blocks.${index}`;
    let hidden = x;
    for (let layer = 0; layer <= level.layers; layer += 1) {
      const module = `${block}.resnets.${layer}`;
      hidden = this.#resnet(this.#join(hidden, `${module}/skip`), module, level.channels);
      hidden = this.#attend(hidden, `${block}.attentions.${layer}`, level.heads, level.depths?.[layer]);
    }
    // Heights and widths that are odd somewhere on the way down come back as they were.
    const next = this.#skips.at(-1);
    return next === undefined ? hidden : upsample(this.#layers, hidden, `${block}.upsamplers.0`, next.value);
  }

  /** Puts the channels of the last skip that is left behind an image's own. */
  #join(x: Feature, name: string): Feature {
    const skip = this.#skips.pop();
    if (skip === undefined)
      throw new ArchitectureError(
        "The UNet's way up has more layers than its way down. Check its config.json: layers_per_block must be the same for both.",
      );
    const value = this.#layers.graph.add("Concat", [x.value, skip.value], { axis: 1 }, name);
    return { value, channels: x.channels + skip.channels };
  }

  #resnet(x: Feature, module: string, outputs: number): Feature {
    const { groups, epsilon } = this.#config;
    return resnet(this.#layers, x, module, { outputs, norms: { groups, epsilon }, time: this.#time });
  }

  /** @param depth absent where the block has no attention */
  #attend(x: Feature, module: string, heads: number, depth: number | undefined): Feature {
    if (depth === undefined) return x;
    const { groups, linearProjection, contextWidth } = this.#config;
    const context = { value: this.#text, width: contextWidth };
    return transformer(this.#layers, x, module, { depth, heads, groups, linearProjection, context });
  }
}

function around(size: number, inputs: number, outputs: number) {
  return { inputs, outputs, bias: true, size, before: (size - 1) / 2, after: (size - 1) / 2 };
}
