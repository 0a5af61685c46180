/** Names of weights, as diffusers and transformers call them, with their shapes. */
export type Shapes = Map<string, readonly number[]>;

/** The sizes of an SDXL UNet. `depths` is the transformer depth of each level, 0 for none. */
export interface UnetSizes {
  readonly channels: readonly number[];
  readonly depths: readonly number[];
  readonly midDepth: number;
  readonly context: number;
  readonly added: number;
  readonly inputs: number;
}

export const baseUnet: UnetSizes = {
  channels: [320, 640, 1280],
  depths: [0, 2, 10],
  midDepth: 10,
  context: 2048,
  added: 2816,
  inputs: 4,
};

export const refinerUnet: UnetSizes = {
  channels: [384, 768, 1536, 1536],
  depths: [0, 4, 4, 0],
  midDepth: 4,
  context: 1280,
  added: 2560,
  inputs: 4,
};

const layersPerBlock = 2;

class ShapeWriter {
  readonly shapes: Shapes = new Map();

  norm(name: string, width: number): void {
    this.shapes.set(`${name}.weight`, [width]);
    this.shapes.set(`${name}.bias`, [width]);
  }

  linear(name: string, inputs: number, outputs: number, bias = true): void {
    this.shapes.set(`${name}.weight`, [outputs, inputs]);
    if (bias) this.shapes.set(`${name}.bias`, [outputs]);
  }

  conv(name: string, inputs: number, outputs: number, kernel = 3): void {
    this.shapes.set(`${name}.weight`, [outputs, inputs, kernel, kernel]);
    this.shapes.set(`${name}.bias`, [outputs]);
  }

  resnet(name: string, inputs: number, outputs: number, time?: number): void {
    this.norm(`${name}.norm1`, inputs);
    this.conv(`${name}.conv1`, inputs, outputs);
    if (time) this.linear(`${name}.time_emb_proj`, time, outputs);
    this.norm(`${name}.norm2`, outputs);
    this.conv(`${name}.conv2`, outputs, outputs);
    if (inputs !== outputs) this.conv(`${name}.conv_shortcut`, inputs, outputs, 1);
  }

  transformer(name: string, width: number, context: number, depth: number): void {
    if (depth === 0) return;
    this.norm(`${name}.norm`, width);
    this.linear(`${name}.proj_in`, width, width);
    for (let index = 0; index < depth; index++) {
      const block = `${name}.transformer_blocks.${index}`;
      for (const norm of ["norm1", "norm2", "norm3"]) this.norm(`${block}.${norm}`, width);
      for (const [attention, source] of [
        ["attn1", width],
        ["attn2", context],
      ] as const) {
        this.linear(`${block}.${attention}.to_q`, width, width, false);
        this.linear(`${block}.${attention}.to_k`, source, width, false);
        this.linear(`${block}.${attention}.to_v`, source, width, false);
        this.linear(`${block}.${attention}.to_out.0`, width, width);
      }
      this.linear(`${block}.ff.net.0.proj`, width, width * 8);
      this.linear(`${block}.ff.net.2`, width * 4, width);
    }
    this.linear(`${name}.proj_out`, width, width);
  }
}

/** The weights of an SDXL UNet. */
export function unetShapes({ channels, depths, midDepth, context, added, inputs }: UnetSizes): Shapes {
  const writer = new ShapeWriter();
  const [first = 0] = channels;
  const last = channels.at(-1) ?? 0;
  const time = first * 4;
  writer.conv("conv_in", inputs, first);
  writer.linear("time_embedding.linear_1", first, time);
  writer.linear("time_embedding.linear_2", time, time);
  writer.linear("add_embedding.linear_1", added, time);
  writer.linear("add_embedding.linear_2", time, time);
  const skips = [first];
  let width = first;
  channels.forEach((channel, level) => {
    for (let layer = 0; layer < layersPerBlock; layer++) {
      writer.resnet(`down_blocks.${level}.resnets.${layer}`, width, channel, time);
      writer.transformer(`down_blocks.${level}.attentions.${layer}`, channel, context, depths[level] ?? 0);
      width = channel;
      skips.push(width);
    }
    if (level === channels.length - 1) return;
    writer.conv(`down_blocks.${level}.downsamplers.0.conv`, width, width);
    skips.push(width);
  });
  writer.resnet("mid_block.resnets.0", last, last, time);
  writer.transformer("mid_block.attentions.0", last, context, midDepth);
  writer.resnet("mid_block.resnets.1", last, last, time);
  [...channels].reverse().forEach((channel, level) => {
    for (let layer = 0; layer <= layersPerBlock; layer++) {
      writer.resnet(`up_blocks.${level}.resnets.${layer}`, width + (skips.pop() ?? 0), channel, time);
      const depth = depths[channels.length - 1 - level] ?? 0;
      writer.transformer(`up_blocks.${level}.attentions.${layer}`, channel, context, depth);
      width = channel;
    }
    if (level < channels.length - 1) writer.conv(`up_blocks.${level}.upsamplers.0.conv`, width, width);
  });
  writer.norm("conv_norm_out", first);
  writer.conv("conv_out", first, 4);
  return writer.shapes;
}

/** The weights of a CLIP text encoder; `projection` is its width where it has one. */
export function textShapes(width: number, layers: number, projection?: number): Shapes {
  const writer = new ShapeWriter();
  writer.shapes.set("text_model.embeddings.token_embedding.weight", [49408, width]);
  writer.shapes.set("text_model.embeddings.position_embedding.weight", [77, width]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `text_model.encoder.layers.${layer}`;
    for (const part of ["q", "k", "v", "out"]) writer.linear(`${block}.self_attn.${part}_proj`, width, width);
    writer.norm(`${block}.layer_norm1`, width);
    writer.linear(`${block}.mlp.fc1`, width, width * 4);
    writer.linear(`${block}.mlp.fc2`, width * 4, width);
    writer.norm(`${block}.layer_norm2`, width);
  }
  writer.norm("text_model.final_layer_norm", width);
  if (projection) writer.linear("text_projection", width, projection, false);
  return writer.shapes;
}

/** The weights of SDXL's autoencoder, or of one with other widths at its four levels. */
export function vaeShapes(channels: readonly number[] = [128, 256, 512, 512]): Shapes {
  const writer = new ShapeWriter();
  const [narrow = 0] = channels;
  const wide = channels.at(-1) ?? 0;
  const mid = (side: string) => {
    writer.resnet(`${side}.mid_block.resnets.0`, wide, wide);
    writer.norm(`${side}.mid_block.attentions.0.group_norm`, wide);
    for (const part of ["to_q", "to_k", "to_v", "to_out.0"])
      writer.linear(`${side}.mid_block.attentions.0.${part}`, wide, wide);
    writer.resnet(`${side}.mid_block.resnets.1`, wide, wide);
  };
  const ends = (side: string, inputs: number, first: number, last: number, outputs: number) => {
    writer.conv(`${side}.conv_in`, inputs, first);
    writer.norm(`${side}.conv_norm_out`, last);
    writer.conv(`${side}.conv_out`, last, outputs);
  };
  ends("encoder", 3, narrow, wide, 8);
  let width = narrow;
  channels.forEach((channel, level) => {
    for (let layer = 0; layer < 2; layer++) {
      writer.resnet(`encoder.down_blocks.${level}.resnets.${layer}`, width, channel);
      width = channel;
    }
    if (level < 3) writer.conv(`encoder.down_blocks.${level}.downsamplers.0.conv`, width, width);
  });
  mid("encoder");
  ends("decoder", 4, wide, narrow, 3);
  mid("decoder");
  width = wide;
  [...channels].reverse().forEach((channel, level) => {
    for (let layer = 0; layer < 3; layer++) {
      writer.resnet(`decoder.up_blocks.${level}.resnets.${layer}`, width, channel);
      width = channel;
    }
    if (level < 3) writer.conv(`decoder.up_blocks.${level}.upsamplers.0.conv`, width, width);
  });
  writer.conv("quant_conv", 8, 8, 1);
  writer.conv("post_quant_conv", 4, 4, 1);
  return writer.shapes;
}
