import { unetPrefixes } from "../../src/checkpoints/unetKeys.ts";
import type { Shapes } from "./networkShapes.ts";

/** A UNet's weights under the names of SDXL's original single files. */
export function originalUnet(shapes: Shapes, levels: number): Shapes {
  const prefixes = new Map<string, string[]>();
  for (const [ldm, diffusers] of unetPrefixes({ levels, layersPerBlock: 2 }))
    prefixes.set(diffusers, [...(prefixes.get(diffusers) ?? []), ldm]);
  const result: Shapes = new Map();
  for (const [name, shape] of shapes) {
    const module = name.slice(0, name.lastIndexOf("."));
    for (let end = module.length; end > 0; end = module.lastIndexOf(".", end - 1)) {
      const found = prefixes.get(module.slice(0, end));
      if (!found) continue;
      // An upsampler stands after the attention where its block has one.
      const block = /^up_blocks\.\d+/.exec(module)?.[0];
      const attends = [...shapes.keys()].some((other) => other.startsWith(`${block}.attentions.`));
      result.set(`model.diffusion_model.${(attends && found[1]) || found[0]}${name.slice(end)}`, shape);
      break;
    }
  }
  return result;
}

/** OpenCLIP's names for the weights of a text encoder of this width. */
export function originalOpenClip(prefix: string, width: number, layers: number): Shapes {
  const result: Shapes = new Map();
  result.set("positional_embedding", [77, width]);
  result.set("text_projection", [width, width]);
  result.set("logit_scale", []);
  result.set("token_embedding.weight", [49408, width]);
  for (const part of ["weight", "bias"]) result.set(`ln_final.${part}`, [width]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `transformer.resblocks.${layer}`;
    const linear = (name: string, outputs: number, inputs: number, dot = ".") => {
      result.set(`${block}.${name}${dot}weight`, [outputs, inputs]);
      result.set(`${block}.${name}${dot}bias`, [outputs]);
    };
    linear("attn.in_proj", 3 * width, width, "_");
    linear("attn.out_proj", width, width);
    linear("mlp.c_fc", 4 * width, width);
    linear("mlp.c_proj", width, 4 * width);
    for (const norm of ["ln_1", "ln_2"])
      for (const part of ["weight", "bias"]) result.set(`${block}.${norm}.${part}`, [width]);
  }
  return new Map([...result].map(([name, shape]) => [`${prefix}${name}`, shape]));
}

/** The autoencoder's weights under their original names; its attention is made of 1x1 convolutions there. */
export function originalVae(shapes: Shapes): Shapes {
  const parts: Record<string, string> = {
    group_norm: "norm",
    to_q: "q",
    to_k: "k",
    to_v: "v",
    "to_out.0": "proj_out",
  };
  const result: Shapes = new Map();
  for (const [name, shape] of shapes) {
    const original = name
      .replace(/encoder\.down_blocks\.(\d)\.resnets\.(\d)/, "encoder.down.$1.block.$2")
      .replace(/encoder\.down_blocks\.(\d)\.downsamplers\.0/, "encoder.down.$1.downsample")
      .replace(
        /decoder\.up_blocks\.(\d)\.resnets\.(\d)/,
        (_, a, b) => `decoder.up.${3 - Number(a)}.block.${b}`,
      )
      .replace(/decoder\.up_blocks\.(\d)\.upsamplers\.0/, (_, a) => `decoder.up.${3 - Number(a)}.upsample`)
      .replace(/mid_block\.resnets\.(\d)/, (_, a) => `mid.block_${Number(a) + 1}`)
      .replace(
        /mid_block\.attentions\.0\.(group_norm|to_q|to_k|to_v|to_out\.0)/,
        (_, part: string) => `mid.attn_1.${parts[part]}`,
      )
      .replace("conv_shortcut", "nin_shortcut")
      .replace("conv_norm_out", "norm_out");
    const isAttention = original.includes(".attn_1.") && shape.length === 2;
    result.set(`first_stage_model.${original}`, isAttention ? [...shape, 1, 1] : shape);
  }
  return result;
}
