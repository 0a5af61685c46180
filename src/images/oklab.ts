/** A color as lightness (0 black to 1 white), green to red, and blue to yellow. */
export type Oklab = readonly [lightness: number, a: number, b: number];

/** Light of each byte of sRGB, 0 to 1 (IEC 61966-2-1). */
const linear = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/**
 * A color of 8-bit sRGB in Oklab, where distances are about as large as they look (Ottosson, "A perceptual color space
 * for image processing", 2020): black and white are 1 apart, and 0.02 is just visible.
 */
export function oklab(red: number, green: number, blue: number): Oklab {
  const [r, g, b] = [linear[red] as number, linear[green] as number, linear[blue] as number];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

/** How far two colors look apart. */
export function oklabDistance(one: Oklab, other: Oklab): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}
