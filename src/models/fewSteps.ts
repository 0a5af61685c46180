import type { Recommendation } from "./configSchemas.ts";

/** What is known of a model or LoRA besides its weights. */
export interface ModelClues {
  /** Names of the repository, the folder, the file; the most exact first. */
  readonly names: readonly string[];
  /** The text of a safetensors header. */
  readonly metadata?: ReadonlyMap<string, string>;
  /** The UNet's `time_cond_proj_dim`: a latent consistency model takes its guidance as an input. */
  readonly guidanceEmbeddingWidth?: number;
  readonly isLora?: boolean;
}

const metadataKeys = [
  "modelspec.title",
  "modelspec.architecture",
  "ss_output_name",
  "ss_base_model_version",
  "ss_sd_model_name",
];

/** Steps that a name states: `4step`, `8steps`, `2-step`, `4_steps`. */
function statedSteps(text: string): number | undefined {
  const match = /(?<!\d)(\d{1,2})[-_ ]?steps?(?![a-z])/i.exec(text);
  const steps = match ? Number(match[1]) : 0;
  return steps >= 1 && steps <= 64 ? steps : undefined;
}

/** Few-step models in the order in which their names are looked for. */
const families: readonly {
  readonly pattern: RegExp;
  recommend(steps: number | undefined, clues: ModelClues): Recommendation;
}[] = [
  {
    pattern: /lightning/i,
    // ByteDance's card: Euler, trailing, no guidance; the model of one step predicts the clear sample.
    recommend: (steps = 4) => ({
      scheduler: "euler",
      timestepSpacing: "trailing",
      steps,
      guidanceScale: 0,
      ...(steps === 1 ? { predictionType: "sample" } : {}),
    }),
  },
  {
    pattern: /hyper[-_ ]?sd/i,
    // ByteDance's card: the model of one step starts at timestep 800; the others take DDIM with trailing steps.
    recommend: (steps = 8) =>
      steps === 1
        ? { scheduler: "lcm", steps: 1, timesteps: [800], guidanceScale: 0 }
        : { scheduler: "ddim", timestepSpacing: "trailing", steps, guidanceScale: 0 },
  },
  {
    pattern: /turbo/i,
    recommend: (steps = 4) => ({
      scheduler: "euler-ancestral",
      timestepSpacing: "trailing",
      steps,
      guidanceScale: 0,
      width: 512,
      height: 512,
    }),
  },
  {
    pattern: /(^|[^a-z])lcm([^a-z]|$)|latent[-_ ]?consistency|vega[-_ ]?rt/i,
    recommend: (steps = 4, { guidanceEmbeddingWidth }) => ({
      scheduler: "lcm",
      steps,
      guidanceScale: guidanceEmbeddingWidth ? 8 : 1,
    }),
  },
];

/**
 * How a few-step model (LCM, Turbo, Lightning, Hyper-SD) or LoRA is to be run: sampler, spacing, steps and guidance,
 * told by its metadata, its configuration or its name. Empty for any other model.
 */
export function fewStepRecommendation(clues: ModelClues): Recommendation {
  const { names, metadata, guidanceEmbeddingWidth, isLora } = clues;
  const texts = [...names, ...metadataKeys.flatMap((key) => metadata?.get(key) ?? [])];
  for (const text of texts) {
    const family = families.find(({ pattern }) => pattern.test(text));
    if (!family) continue;
    const steps = texts.map(statedSteps).find((found) => found !== undefined);
    const { width, height, ...recommended } = family.recommend(steps, clues);
    // A LoRA draws at the size of the model that it is merged into.
    return isLora || width === undefined ? recommended : { ...recommended, width, height };
  }
  return guidanceEmbeddingWidth ? { scheduler: "lcm", steps: 4, guidanceScale: 8 } : {};
}
