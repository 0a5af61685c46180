import { type Figure, grown } from "./figure.ts";

/** Farther from the outline than this, in pixels, a change of color is not the outline's. */
const reach = 5;

/**
 * How wide the outline of a figure is, in pixels: the mean width of the transition from the ground's color to the
 * figure's.
 *
 * With s the share of figure in each pixel's color, ∫|∇s| across an outline is its height (1, whatever its width) and
 * ∫|∇s|² its height over its width; summed over the pixels near the outline, Σ|∇s| / Σ|∇s|² is the width, weighted by
 * length. A straight ramp of w pixels measures w, a step that was blurred by a Gauss of deviation σ measures 2√π·σ.
 * Nothing is assumed about the figure, and overshooting counts as it is: an outline sharper than a drawn one measures
 * less, not the same. Shares are of Lab colors, in which a mixture of two colors is not quite straight: compare with
 * pictures in the same colors. Gradients are Roberts' diagonal differences, which see a step at its narrowest. A picture drawn
 * with edges one pixel wide measures about 1.6, since a pixel's color is an average already.
 */
export function outlineWidth({ coverage: { width, height }, shares }: Figure): number {
  const isFigure = Array.from(shares, (share) => share > 0.5);
  const onOutline = isFigure.map((here, pixel) => {
    const right = pixel % width < width - 1 ? isFigure[pixel + 1] : here;
    const below = pixel + width < isFigure.length ? isFigure[pixel + width] : here;
    return right !== here || below !== here;
  });
  const near = grown(onOutline, width, reach);
  let sum = 0;
  let squares = 0;
  for (let y = 0; y < height - 1; y++) {
    for (let x = 0; x < width - 1; x++) {
      const pixel = y * width + x;
      if (!near[pixel]) continue;
      const at = (offset: number) => shares[pixel + offset] ?? 0;
      const falling = at(width + 1) - at(0);
      const rising = at(width) - at(1);
      const square = (falling * falling + rising * rising) / 2;
      sum += Math.sqrt(square);
      squares += square;
    }
  }
  return sum / squares;
}
