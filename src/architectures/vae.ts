import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/operations.ts";
import { type XmlElement, xmlElement } from "../graph/xml/xmlElement.ts";
import { attention } from "./attention.ts";
import { Layers } from "./layers.ts";
import { downsample, type Feature, type GroupNorms, resnet, upsample } from "./resnet.ts";
import { readVaeConfig, type VaeConfig } from "./vaeConfig.ts";
import type { WeightSource } from "./weights.ts";

/**
 * The encoder: `sample` `[batch, channels, height, width]` in −1 … 1 to `latent_parameters`
 * `[batch, 2 · latent channels, height / f, width / f]`: means, then logarithms of variances, of the latents before
 * they are scaled.
 * @param config the VAE's `config.json`
 * @throws ArchitectureError
 */
export function vaeEncoderGraph(config: unknown, weights: WeightSource): Graph {
  const network = new VaeNetwork("VaeEncoder", readVaeConfig(config), weights);
  const { graph } = network.layers;
  const { imageChannels } = network.config;
  const sample = graph.parameter("sample", "f32", [-1, imageChannels.encoder, -1, -1]);
  graph.result(network.encode(sample), "latent_parameters");
  return graph.build(runtimeInformation(network.config));
}

/**
 * The decoder: `latent_sample` `[batch, latent channels, height, width]`, divided by the scaling factor, to `sample`
 * `[batch, channels, height · f, width · f]`, about −1 … 1.
 * @param config the VAE's `config.json`
 * @throws ArchitectureError
 */
export function vaeDecoderGraph(config: unknown, weights: WeightSource): Graph {
  const network = new VaeNetwork("VaeDecoder", readVaeConfig(config), weights);
  const { graph } = network.layers;
  const latents = graph.parameter("latent_sample", "f32", [-1, network.config.latentChannels, -1, -1]);
  graph.result(network.decode(latents), "sample");
  return graph.build(runtimeInformation(network.config));
}

/** What devices that compute in float16 scale activations down by, lest SDXL's own VAE gives black images. */
const activationsScaleFactor = "128.0";

function runtimeInformation({ forceUpcast }: VaeConfig): XmlElement | undefined {
  if (!forceUpcast) return undefined;
  const factor = xmlElement("ACTIVATIONS_SCALE_FACTOR", { value: activationsScaleFactor });
  const options: XmlElement = { name: "runtime_options", attributes: {}, children: [factor] };
  return { name: "rt_info", attributes: {}, children: [options] };
}

/** Convolutions that keep height and width. */
const around = { size: 3, before: 1, after: 1, bias: true } as const;
const narrow = { size: 1, before: 0, after: 0, bias: true } as const;

class VaeNetwork {
  readonly layers: Layers;
  readonly config: VaeConfig;
  readonly #norms: GroupNorms;

  constructor(name: string, config: VaeConfig, weights: WeightSource) {
    this.config = config;
    this.layers = new Layers(new GraphBuilder(name), weights);
    this.#norms = { groups: config.groups, epsilon: 1e-6 };
  }

  encode(sample: Value): Value {
    const { layers } = this;
    const { channels, imageChannels, latentChannels, layersPerBlock, quantConvolution } = this.config;
    const first = channels[0] ?? 0;
    const ends = { inputs: imageChannels.encoder, outputs: first };
    const start = layers.convolution(sample, "encoder.conv_in", { ...around, ...ends });
    let x: Feature = { value: start, channels: first };
    for (const [level, outputs] of channels.entries()) {
      const block = `encoder.down_blocks.${level}`;
      x = this.#resnets(x, block, layersPerBlock, outputs);
      if (level < channels.length - 1) x = downsample(layers, x, `${block}.downsamplers.0`, 0);
    }
    const moments = this.#finish(this.#middle(x, "encoder.mid_block"), "encoder", 2 * latentChannels);
    const both = { inputs: 2 * latentChannels, outputs: 2 * latentChannels };
    return quantConvolution ? layers.convolution(moments, "quant_conv", { ...narrow, ...both }) : moments;
  }

  decode(latents: Value): Value {
    const { layers } = this;
    const { imageChannels, latentChannels, layersPerBlock, postQuantConvolution } = this.config;
    const channels = this.config.channels.toReversed();
    const first = channels[0] ?? 0;
    const both = { inputs: latentChannels, outputs: latentChannels };
    const input = postQuantConvolution
      ? layers.convolution(latents, "post_quant_conv", { ...narrow, ...both })
      : latents;
    const ends = { inputs: latentChannels, outputs: first };
    const start = layers.convolution(input, "decoder.conv_in", { ...around, ...ends });
    let x = this.#middle({ value: start, channels: first }, "decoder.mid_block");
    for (const [level, outputs] of channels.entries()) {
      const block = `decoder.up_blocks.${level}`;
      x = this.#resnets(x, block, layersPerBlock + 1, outputs);
      if (level < channels.length - 1) x = upsample(layers, x, `${block}.upsamplers.0`);
    }
    return this.#finish(x, "decoder", imageChannels.decoder);
  }

  #resnets(x: Feature, block: string, count: number, outputs: number): Feature {
    let hidden = x;
    for (let index = 0; index < count; index += 1)
      hidden = resnet(this.layers, hidden, `${block}.resnets.${index}`, { outputs, norms: this.#norms });
    return hidden;
  }

  #middle(x: Feature, module: string): Feature {
    const options = { outputs: x.channels, norms: this.#norms };
    const first = resnet(this.layers, x, `${module}.resnets.0`, options);
    const attended = this.config.attention ? this.#attention(first, `${module}.attentions.0`) : first;
    return resnet(this.layers, attended, `${module}.resnets.1`, options);
  }

  /** Every pixel attends to all others, with one head. */
  #attention(x: Feature, module: string): Feature {
    const { layers } = this;
    const { channels } = x;
    const ends = { inputs: channels, outputs: channels, bias: true };
    const normal = layers.groupNorm(x.value, `${module}.group_norm`, { channels, ...this.#norms });
    const { tokens, image } = layers.tokens(normal, channels);
    const query = layers.linear(tokens, `${module}.to_q`, ends);
    const key = layers.linear(tokens, `${module}.to_k`, ends);
    const value = layers.linear(tokens, `${module}.to_v`, ends);
    const attended = attention(layers, [query, key, value], { heads: 1, headWidth: channels }, module);
    const changed = image(layers.linear(attended, `${module}.to_out.0`, ends));
    return { value: layers.plus(x.value, changed, `${module}/residual`), channels };
  }

  #finish(x: Feature, part: "encoder" | "decoder", outputs: number): Value {
    const { layers } = this;
    const norm = { channels: x.channels, ...this.#norms };
    const normal = layers.activation(layers.groupNorm(x.value, `${part}.conv_norm_out`, norm), "silu");
    const ends = { inputs: x.channels, outputs };
    return layers.convolution(normal, `${part}.conv_out`, { ...around, ...ends });
  }
}
