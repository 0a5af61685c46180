/** How inference steps are spread over the training steps (Lin et al. 2024, table 2). */
export const spacings = ["linspace", "leading", "trailing"] as const;
export type Spacing = (typeof spacings)[number];

/** NumPy's `round`: half to even. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/**
 * Timesteps from the noisiest to the clearest, in float32.
 * @param steps number of inference steps
 * @param trainTimesteps number of training steps
 * @param offset `steps_offset`, which leading spacing adds
 */
export function spreadTimesteps(
  spacing: Spacing,
  steps: number,
  trainTimesteps: number,
  offset: number,
): Float32Array {
  switch (spacing) {
    case "linspace": {
      const last = trainTimesteps - 1;
      const step = steps > 1 ? last / (steps - 1) : 0;
      return Float32Array.from({ length: steps }, (_, i) => {
        const position = steps - 1 - i;
        return position === steps - 1 && steps > 1 ? last : position * step;
      });
    }
    case "leading": {
      const ratio = Math.floor(trainTimesteps / steps);
      return Float32Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + offset);
    }
    case "trailing": {
      const ratio = trainTimesteps / steps;
      // The length of NumPy's `arange(train, 0, -ratio)`.
      const length = Math.ceil(trainTimesteps / ratio);
      return Float32Array.from({ length }, (_, i) => roundHalfEven(trainTimesteps - i * ratio) - 1);
    }
  }
}
