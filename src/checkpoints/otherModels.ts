/** Tensors by which files that are not whole SDXL checkpoints are told, in the order in which they are tried. */
const markers: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /(^|\.)joint_blocks\.0\./, what: "a Stable Diffusion 3 model" },
  { pattern: /(^|\.)double_stream_modulation/, what: "a Flux 2 model" },
  { pattern: /(^|\.)double_blocks\.0\.img_attn\./, what: "a Flux model" },
  { pattern: /(^|\.)double_layers\.0\./, what: "an AuraFlow model" },
  { pattern: /(^|\.)cap_embedder\.0\./, what: "a Lumina model" },
  { pattern: /motion_modules\./, what: "an AnimateDiff model" },
  { pattern: /^(control_model|controlnet_cond_embedding|input_hint_block)\./, what: "a ControlNet" },
  {
    pattern: /\.(lora_(down|up|[AB](\.[\w-]+)?)|lora\.(down|up))\.weight$|\.(hada_w|lokr_w)\d/,
    what: "a LoRA, which is applied to a checkpoint (--lora FILE)",
  },
  { pattern: /^cond_stage_model\.transformer\./, what: "a Stable Diffusion 1 model" },
  { pattern: /^cond_stage_model\.model\./, what: "a Stable Diffusion 2 model" },
  { pattern: /^(emb_params|clip_[lg]|string_to_param)$/, what: "a textual-inversion embedding" },
  {
    pattern: /^(model\.diffusion_model\.)?(input_blocks|down_blocks)\./,
    what: "a UNet without its text encoders and autoencoder",
  },
  { pattern: /^(first_stage_model\.)?(encoder|decoder)\.(conv_in|down|up)/, what: "an autoencoder alone" },
  { pattern: /^(text_model|transformer\.resblocks)\./, what: "a text encoder alone" },
];

/** Names what a file holds that is not a whole SDXL checkpoint; undefined when nothing is known about it. */
export function nameOfOtherModel(tensorNames: Iterable<string>): string | undefined {
  const names = [...tensorNames];
  return markers.find(({ pattern }) => names.some((name) => pattern.test(name)))?.what;
}
