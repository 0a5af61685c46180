/** How far Limner may be from its references: relative differences, except for pixels. */
export const tolerances = {
  /** Final latents of a whole pipeline. */
  latents: 1e-3,
  /** Pictures, in levels of 0 to 255. */
  pixels: 2,
  /** Outputs of one network, prompt embeddings. */
  networks: 1e-4,
} as const;
