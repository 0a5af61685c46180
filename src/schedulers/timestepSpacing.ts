/** How inference steps are spread over the training steps (Lin et al. 2024, table 2). */
export const spacings = ["linspace", "leading", "trailing"] as const;
export type Spacing = (typeof spacings)[number];

/** NumPy's `round`: half to even. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/**
 * NumPy's `arange(start, 0, -step)`, which multiplies the difference of its first two numbers: that decides how some
 * of them round.
 */
function countdown(start: number, step: number): number[] {
  const difference = start - step - start;
  return Array.from({ length: Math.ceil(start / step) }, (_, i) => start + i * difference);
}

/** What spreading needs to know. */
export interface Spread {
  spacing: Spacing;
  /** Number of inference steps. */
  steps: number;
  /** Number of training steps. */
  trainTimesteps: number;
  /** `steps_offset`, which leading spacing adds. */
  offset: number;
}

/** Timesteps from the noisiest to the clearest; those of linspace are fractional. */
export function spreadTimesteps({ spacing, steps, trainTimesteps, offset }: Spread): number[] {
  switch (spacing) {
    case "linspace": {
      const last = trainTimesteps - 1;
      const step = steps > 1 ? last / (steps - 1) : 0;
      return Array.from({ length: steps }, (_, i) => {
        const position = steps - 1 - i;
        return position === steps - 1 && steps > 1 ? last : position * step;
      });
    }
    case "leading": {
      const ratio = Math.floor(trainTimesteps / steps);
      return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + offset);
    }
    case "trailing":
      return countdown(trainTimesteps, trainTimesteps / steps).map((timestep) => roundHalfEven(timestep) - 1);
  }
}

/**
 * Whole timesteps as the multistep solvers spread them: linspace and leading plan one step more and leave out the
 * last.
 * @param noisiest where to begin: `trainTimesteps`, or less where the noisiest steps are clipped
 */
export function spreadSolverTimesteps(
  { spacing, steps, trainTimesteps, offset }: Spread,
  noisiest = trainTimesteps,
): number[] {
  switch (spacing) {
    case "linspace": {
      const step = (noisiest - 1) / steps;
      return Array.from({ length: steps }, (_, i) =>
        i === 0 ? noisiest - 1 : roundHalfEven((steps - i) * step),
      );
    }
    case "leading": {
      const ratio = Math.floor(noisiest / (steps + 1));
      return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + offset);
    }
    case "trailing":
      return countdown(noisiest, trainTimesteps / steps).map((timestep) => roundHalfEven(timestep) - 1);
  }
}
