/** A color in CIE L*a*b* (D65): near numbers look alike. */
export type Lab = readonly [lightness: number, a: number, b: number];

function linear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

const linearOf = Float64Array.from({ length: 256 }, (_, byte) => linear(byte));

function response(value: number): number {
  return value > 216 / 24389 ? Math.cbrt(value) : ((24389 / 27) * value + 16) / 116;
}

/** sRGB bytes in Lab (IEC 61966-2-1, CIE 15). */
export function labOf(red: number, green: number, blue: number): Lab {
  const r = linearOf[red] ?? 0;
  const g = linearOf[green] ?? 0;
  const b = linearOf[blue] ?? 0;
  const x = response((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = response(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = response((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** How different two colors look: ΔE*ab, 1 being just visible. */
export function colorDifference(one: Lab, other: Lab): number {
  const lightness = one[0] - other[0];
  const a = one[1] - other[1];
  const b = one[2] - other[2];
  // Several times as fast as Math.hypot, and called for every pixel.
  return Math.sqrt(lightness * lightness + a * a + b * b);
}

/** The middle of each of the three values. */
export function medianColor(colors: readonly Lab[]): Lab {
  const middle = (channel: 0 | 1 | 2) => {
    const sorted = Float64Array.from(colors, (color) => color[channel]).sort();
    return sorted[sorted.length >> 1] ?? 0;
  };
  return [middle(0), middle(1), middle(2)];
}

/** Farther from every color of the palette than this, a color has no name. The palette's nearest two are 42 apart. */
const farthestNamed = 25;

/** Names colors by the nearest of a palette. */
export function colorNamer(palette: Readonly<Record<string, readonly [number, number, number]>>) {
  const named = Object.entries(palette).map(([name, rgb]) => ({ name, lab: labOf(...rgb) }));
  return (color: Lab): string | undefined => {
    let nearest: string | undefined;
    let smallest = farthestNamed;
    for (const { name, lab } of named) {
      const difference = colorDifference(color, lab);
      if (difference < smallest) {
        smallest = difference;
        nearest = name;
      }
    }
    return nearest;
  };
}
