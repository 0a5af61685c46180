import { type ConfigReader, SchedulerError } from "./schedulerConfig.ts";

const { fround } = Math;

/** `torch.linspace` in float32, which works from both ends to the middle and fuses product and sum. */
function linspace32(start: number, end: number, count: number): Float32Array {
  const from = fround(start);
  const to = fround(end);
  const step = count > 1 ? fround(fround(to - from) / (count - 1)) : 0;
  return Float32Array.from({ length: count }, (_, i) =>
    i < Math.floor(count / 2) ? from + step * i : to - step * (count - 1 - i),
  );
}

/** ᾱ over the time from 0 to 1: cosine (Nichol and Dhariwal 2021) and exponential. */
const alphaBars = {
  squaredcos_cap_v2: (time: number) => Math.cos((((time + 0.008) / 1.008) * Math.PI) / 2) ** 2,
  exp: (time: number) => Math.exp(time * -12),
};

/** Betas that give a falling ᾱ, capped at 0.999. */
function betasOf(alphaBar: (time: number) => number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999),
  );
}

/** Running product, accumulated in double as torch's CPU kernel does. */
function cumulativeProduct(values: Float32Array): Float32Array {
  let product = 1;
  return values.map((value) => {
    product *= value;
    return product;
  });
}

/** Betas whose last step is pure noise (Lin et al. 2024, algorithm 1). */
function rescaleZeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeProduct(betas.map((beta) => 1 - beta)).map(Math.sqrt);
  const first = roots[0] as number;
  const last = roots[roots.length - 1] as number;
  const scale = fround(first / fround(first - last));
  const squares = roots.map((root) => fround(fround(root - last) * scale) ** 2);
  return squares.map((square, i) => 1 - (i === 0 ? square : fround(square / (squares[i - 1] as number))));
}

/** How noise grows over the training steps. */
export interface NoiseSchedule {
  /** ᾱ of each training step, falling from about 1. */
  alphasCumprod: Float32Array;
  trainTimesteps: number;
}

const shapes = ["linear", "scaled_linear", "squaredcos_cap_v2"] as const;

/** Where classes of samplers differ in reading a noise schedule. */
export interface NoiseScheduleDefaults {
  /** Ends of the betas. */
  betas?: readonly [start: number, end: number];
  shape?: (typeof shapes)[number];
  /** Shapes beyond those that every class knows. */
  moreShapes?: readonly "exp"[];
  /**
   * What `rescale_betas_zero_snr` does: `finite` keeps the last ᾱ just above 0, so that its sigma is finite; `exact`
   * makes it 0; `ignored` where the class has no such key.
   */
  zeroSnr?: "finite" | "exact" | "ignored";
}

/** Defaults of the classes made for few-step models, and of Heun's ends. */
export const latentBetas = [0.00085, 0.012] as const;

/**
 * The noise schedule of a configuration (`beta_schedule`, `beta_start`, `beta_end`, `trained_betas`,
 * `rescale_betas_zero_snr`).
 * @throws SchedulerError for a value that diffusers refuses too
 */
export function readNoiseSchedule(
  config: ConfigReader,
  {
    betas: ends = [0.0001, 0.02],
    shape: plainShape = "linear",
    moreShapes = [],
    zeroSnr: onZeroSnr = "finite",
  }: NoiseScheduleDefaults = {},
): NoiseSchedule {
  const trainTimesteps = config.integer("num_train_timesteps", 1000, { minimum: 1 });
  const start = config.number("beta_start", ends[0], { minimum: 0, maximum: 1 });
  const end = config.number("beta_end", ends[1], { minimum: 0, maximum: 1 });
  const shape = config.choice("beta_schedule", plainShape, [...shapes, ...moreShapes]);
  const trained = config.optionalNumbers("trained_betas");
  if (trained && trained.length !== trainTimesteps) {
    throw new SchedulerError(
      `The scheduler's configuration has ${trained.length} trained_betas for ${trainTimesteps} training steps.`,
    );
  }
  const betas = () => {
    if (trained) return Float32Array.from(trained);
    switch (shape) {
      case "linear":
        return linspace32(start, end, trainTimesteps);
      case "scaled_linear":
        return linspace32(start ** 0.5, end ** 0.5, trainTimesteps).map((root) => root * root);
      case "squaredcos_cap_v2":
      case "exp":
        return betasOf(alphaBars[shape], trainTimesteps);
    }
  };
  const zeroSnr = onZeroSnr !== "ignored" && config.flag("rescale_betas_zero_snr", false);
  const used = zeroSnr ? rescaleZeroTerminalSnr(betas()) : betas();
  const alphasCumprod = cumulativeProduct(used.map((beta) => 1 - beta));
  // The smallest half-precision number (as diffusers has it).
  if (zeroSnr && onZeroSnr === "finite") alphasCumprod[trainTimesteps - 1] = 2 ** -24;
  return { alphasCumprod, trainTimesteps };
}

/** σ = √((1 − ᾱ)/ᾱ) of each training step, in float32. */
export function trainingSigmas({ alphasCumprod }: NoiseSchedule): Float32Array {
  return alphasCumprod.map((alpha) => Math.sqrt(fround(fround(1 - alpha) / alpha)));
}
