import type { Value } from "../graph/operations.ts";
import type { Layers } from "./layers.ts";

/** The settings of all norms of a network's convolutional part. */
export interface GroupNorms {
  readonly groups: number;
  readonly epsilon: number;
}

/** The embedding of the timestep after its activation `[batch, width]`. */
export interface TimeEmbedding {
  readonly value: Value;
  readonly width: number;
}

/** An image in a network, with its number of channels. */
export interface Feature {
  /** `[batch, channels, height, width]` */
  readonly value: Value;
  readonly channels: number;
}

/** diffusers' `ResnetBlock2D`, with the embedding of the timestep where the network has one. */
export function resnet(
  layers: Layers,
  x: Feature,
  module: string,
  options: { outputs: number; norms: GroupNorms; time?: TimeEmbedding },
): Feature {
  const { outputs, norms, time } = options;
  const inputs = x.channels;
  const around = { size: 3, before: 1, after: 1, bias: true };
  const first = layers.groupNorm(x.value, `${module}.norm1`, { channels: inputs, ...norms });
  let hidden = layers.convolution(layers.activation(first, "silu"), `${module}.conv1`, {
    ...around,
    inputs,
    outputs,
  });
  if (time !== undefined) {
    const ends = { inputs: time.width, outputs, bias: true };
    const shift = layers.linear(time.value, `${module}.time_emb_proj`, ends, 2);
    const perPixel = layers.graph.add("Unsqueeze", [shift, layers.integers([2, 3])], {});
    hidden = layers.plus(hidden, perPixel);
  }
  const second = layers.groupNorm(hidden, `${module}.norm2`, { channels: outputs, ...norms });
  const changed = layers.convolution(layers.activation(second, "silu"), `${module}.conv2`, {
    ...around,
    inputs: outputs,
    outputs,
  });
  const narrow = { size: 1, before: 0, after: 0, bias: true, inputs, outputs };
  const straight =
    inputs === outputs ? x.value : layers.convolution(x.value, `${module}.conv_shortcut`, narrow);
  return { value: layers.plus(straight, changed, module), channels: outputs };
}

/**
 * Halves height and width, rounding up.
 * @param padding rows and columns of zeros on every side; 0 means one at the bottom and one at the right
 */
export function downsample(layers: Layers, x: Feature, module: string, padding: 0 | 1): Feature {
  const value = layers.convolution(x.value, `${module}.conv`, {
    inputs: x.channels,
    outputs: x.channels,
    bias: true,
    size: 3,
    stride: 2,
    before: padding,
    after: 1,
  });
  return { value, channels: x.channels };
}

/**
 * Enlarges an image by repeating pixels, then convolves it.
 * @param like the image whose height and width it gets; twice its own where there is none
 */
export function upsample(layers: Layers, x: Feature, module: string, like?: Value): Feature {
  const enlarged = layers.graph.add(
    "Interpolate",
    [x.value, like === undefined ? layers.graph.f32([2, 2]) : sizeOf(layers, like), layers.integers([2, 3])],
    {
      mode: "nearest",
      shape_calculation_mode: like === undefined ? "scales" : "sizes",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
      antialias: false,
      pads_begin: [0, 0, 0, 0],
      pads_end: [0, 0, 0, 0],
      cube_coeff: -0.75,
    },
    module,
  );
  const ends = { inputs: x.channels, outputs: x.channels, bias: true };
  const value = layers.convolution(enlarged, `${module}.conv`, { ...ends, size: 3, before: 1, after: 1 });
  return { value, channels: x.channels };
}

/** `[height, width]` of an image. */
function sizeOf(layers: Layers, image: Value): Value {
  const shape = layers.graph.add("ShapeOf", [image], { output_type: "i64" });
  return layers.graph.add("Gather", [shape, layers.integers([2, 3]), layers.integers(0)], { batch_dims: 0 });
}
