/** How many levels a UNet has and how many residual blocks each has on the way down. */
export interface UnetLevels {
  readonly levels: number;
  readonly layersPerBlock: number;
}

/** A name of the original (LDM) code and the name diffusers gives to the same part. */
type NamePair = readonly [ldm: string, diffusers: string];

const outerModules: readonly NamePair[] = [
  ["time_embed.0", "time_embedding.linear_1"],
  ["time_embed.2", "time_embedding.linear_2"],
  ["label_emb.0.0", "add_embedding.linear_1"],
  ["label_emb.0.2", "add_embedding.linear_2"],
  ["input_blocks.0.0", "conv_in"],
  ["out.0", "conv_norm_out"],
  ["out.2", "conv_out"],
];

const resnetModules: readonly NamePair[] = [
  ["in_layers.0", "norm1"],
  ["in_layers.2", "conv1"],
  ["emb_layers.1", "time_emb_proj"],
  ["out_layers.0", "norm2"],
  ["out_layers.3", "conv2"],
  ["skip_connection", "conv_shortcut"],
];

/** A residual block, part by part. */
function resnet(ldm: string, diffusers: string): NamePair[] {
  return resnetModules.map(([from, to]) => [`${ldm}.${from}`, `${diffusers}.${to}`]);
}

/**
 * The prefixes of every module a UNet of these levels can have. A table of pairs serves both directions: reading
 * a single file, and finding the modules that a LoRA names in the original way.
 *
 * Down, LDM counts on through residual blocks and downsamplers (`input_blocks.{1 + level·(n+1) + layer}`, the
 * downsampler last); up, each level has one more block and its upsampler sits in the last one, after the
 * attention where there is one.
 */
export function unetPrefixes({ levels, layersPerBlock }: UnetLevels): NamePair[] {
  const pairs: NamePair[] = [...outerModules];
  const perLevel = layersPerBlock + 1;
  for (let level = 0; level < levels; level++) {
    for (let layer = 0; layer < layersPerBlock; layer++) {
      const ldm = `input_blocks.${1 + level * perLevel + layer}`;
      pairs.push(...resnet(`${ldm}.0`, `down_blocks.${level}.resnets.${layer}`));
      pairs.push([`${ldm}.1`, `down_blocks.${level}.attentions.${layer}`]);
    }
    pairs.push([`input_blocks.${(level + 1) * perLevel}.0.op`, `down_blocks.${level}.downsamplers.0.conv`]);
    for (let layer = 0; layer < perLevel; layer++) {
      const ldm = `output_blocks.${level * perLevel + layer}`;
      pairs.push(...resnet(`${ldm}.0`, `up_blocks.${level}.resnets.${layer}`));
      pairs.push([`${ldm}.1`, `up_blocks.${level}.attentions.${layer}`]);
    }
    const last = `output_blocks.${level * perLevel + layersPerBlock}`;
    pairs.push([`${last}.1.conv`, `up_blocks.${level}.upsamplers.0.conv`]);
    pairs.push([`${last}.2.conv`, `up_blocks.${level}.upsamplers.0.conv`]);
  }
  pairs.push(...resnet("middle_block.0", "mid_block.resnets.0"));
  pairs.push(["middle_block.1", "mid_block.attentions.0"]);
  pairs.push(...resnet("middle_block.2", "mid_block.resnets.1"));
  return pairs;
}

/** Renames by the longest prefix that `table` has; undefined where there is none. */
export function renamedByPrefix(name: string, table: ReadonlyMap<string, string>): string | undefined {
  for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
    const renamed = table.get(name.slice(0, end));
    if (renamed !== undefined) return renamed + name.slice(end);
  }
  return undefined;
}

/**
 * Finds levels and blocks from the names of an LDM UNet (without `model.diffusion_model.`).
 * @returns undefined when the blocks do not come out even
 */
export function ldmUnetLevels(names: Iterable<string>): UnetLevels | undefined {
  let levels = 1;
  let last = 0;
  for (const name of names) {
    const block = /^input_blocks\.(\d{1,3})\./.exec(name);
    if (!block) continue;
    last = Math.max(last, Number(block[1]));
    if (name.endsWith(".0.op.weight")) levels += 1;
  }
  const layersPerBlock = (last - (levels - 1)) / levels;
  return Number.isInteger(layersPerBlock) && layersPerBlock > 0 ? { levels, layersPerBlock } : undefined;
}
