// A VAE of SDXL's shape with random weights: what it computes is noise, in the time and memory of the real one.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { vaeDecoderGraph, vaeEncoderGraph } from "../../src/architectures/vae.ts";
import type { WeightSource } from "../../src/architectures/weights.ts";
import { held } from "../../src/graph/constantNode.ts";
import { toHalf } from "../../src/graph/float16.ts";
import { writeIr } from "../../src/graph/ir/writeIr.ts";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { vaeShapes } from "../convert/networkShapes.ts";

/** As SDXL's `vae/config.json` says it. */
const configuration = {
  _class_name: "AutoencoderKL",
  act_fn: "silu",
  block_out_channels: [128, 256, 512, 512],
  down_block_types: Array<string>(4).fill("DownEncoderBlock2D"),
  force_upcast: true,
  in_channels: 3,
  latent_channels: 4,
  layers_per_block: 2,
  norm_num_groups: 32,
  out_channels: 3,
  sample_size: 1024,
  scaling_factor: 0.13025,
  up_block_types: Array<string>(4).fill("UpDecoderBlock2D"),
};

/** Normal values of deviation 1/√fan_in, in fp16; norms are near 1, biases near 0. */
function randomWeights(): WeightSource {
  const shapes = vaeShapes();
  const generator = new TorchGenerator(1);
  const shapeOf = (name: string) => shapes.get(name) ?? [];
  return {
    has: (name) => shapes.has(name),
    shape: shapeOf,
    weight(graph, name, role, shape) {
      const own = shapeOf(name);
      const count = own.reduce((a, b) => a * b, 1);
      const fanIn = own.slice(1).reduce((a, b) => a * b, 1);
      const [mean, deviation] =
        own.length > 1
          ? [0, 1 / Math.sqrt(fanIn)]
          : [role === "norm" && name.endsWith("weight") ? 1 : 0, 0.02];
      const halves = new Uint16Array(count);
      toHalf(
        generator.randn(count).map((value) => mean + deviation * value),
        halves,
      );
      return graph.decompressed(graph.constant("f16", shape, held(halves), `${name}/half`), name);
    },
  };
}

/** Writes `vae_encoder` and `vae_decoder` below a folder. */
export async function writeSyntheticVae(folder: string): Promise<void> {
  for (const [name, build] of [
    ["vae_encoder", vaeEncoderGraph],
    ["vae_decoder", vaeDecoderGraph],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    const stem = join(folder, name, "openvino_model");
    await writeIr(build(configuration, randomWeights()), `${stem}.xml`, `${stem}.bin`);
  }
}
