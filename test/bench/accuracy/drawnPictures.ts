import sharp from "sharp";
import type { FigureSize, Grammar, Scene } from "../../../bench/accuracy/grammar.ts";
import type { RgbImage } from "../../../src/images/rgbImage.ts";

/** The shapes as SVG, drawn by another hand than the check's templates, in a box from −1 to 1 with y pointing down. */
export const svgShapes: Readonly<Record<string, string>> = {
  circle: '<circle r="1"/>',
  ring: '<path fill-rule="evenodd" d="M-1,0a1,1 0 1,0 2,0a1,1 0 1,0 -2,0zM-.55,0a.55,.55 0 1,0 1.1,0a.55,.55 0 1,0 -1.1,0z"/>',
  square: '<rect x="-.88" y="-.88" width="1.76" height="1.76"/>',
  triangle: '<path d="M-1,.82H1L0,-.95z"/>',
  diamond: '<path d="M0,-1L.8,0L0,1L-.8,0z"/>',
  star: '<path d="M0,-1.05L.264,-.364L.999,-.324L.428,.139L.617,.849L0,.45L-.617,.849L-.428,.139L-.999,-.324L-.264,-.364z"/>',
  heart:
    '<path d="M0,.94C-.15,.74 -1,.25 -1,-.38C-1,-.74 -.78,-.94 -.52,-.94C-.28,-.94 -.08,-.8 0,-.5C.08,-.8 .28,-.94 .52,-.94C.78,-.94 1,-.74 1,-.38C1,.25 .15,.74 0,.94z"/>',
  cross: '<path d="M-.32,-1H.32V-.32H1V.32H.32V1H-.32V.32H-1V-.32H-.32z"/>',
};

type Rgb = readonly [number, number, number];

/** How a picture is drawn and spoiled. */
export interface Drawing {
  figure: string;
  color: Rgb;
  background: Rgb;
  /** Half the extent of the figure, in pixels. */
  extent: number;
  /** Center of the figure in pixels. */
  center: readonly [number, number];
  /** In degrees. */
  turn: number;
  /** Deviation of a Gaussian blur, in pixels. */
  blur?: number;
  /** Deviation of the noise on each byte. */
  noise?: number;
}

const side = 128;
const rgb = (color: Rgb) => `rgb(${color.map(Math.round).join(",")})`;

/** Renders SVG content on a background. */
export async function render(content: string, background: Rgb, blur = 0): Promise<RgbImage> {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">` +
    `<rect width="${side}" height="${side}" fill="${rgb(background)}"/>${content}</svg>`;
  const picture = sharp(Buffer.from(svg)).flatten();
  const { data, info } = await (blur > 0 ? picture.blur(blur) : picture)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** About normally distributed, deviation 1. */
function normal(random: () => number): number {
  return random() + random() + random() + random() + random() + random() - 3 + (random() - 0.5) * 1.4;
}

export async function draw(drawing: Drawing, random: () => number): Promise<RgbImage> {
  const { figure, color, background, extent, center, turn, blur, noise = 0 } = drawing;
  const place = `translate(${center[0]} ${center[1]}) rotate(${turn}) scale(${extent})`;
  const image = await render(`<g fill="${rgb(color)}" transform="${place}">${figure}</g>`, background, blur);
  if (noise > 0) {
    for (let i = 0; i < image.data.length; i++) {
      image.data[i] = Math.min(255, Math.max(0, Math.round((image.data[i] ?? 0) + noise * normal(random))));
    }
  }
  return image;
}

/** A drawing of a scene with everything the training pictures vary: place, extent, turn and shades. */
export function drawingOf(
  grammar: Grammar,
  scene: Scene & { size: FigureSize },
  random: () => number,
): Drawing {
  const between = (low: number, high: number) => low + (high - low) * random();
  const stray = scene.size === "small" ? 0.16 : 0.07;
  const shade = (name: string): Rgb => {
    const [r, g, b] = grammar.palette[name] ?? [0, 0, 0];
    const near = (value: number) => Math.min(255, Math.max(0, value + between(-5, 5)));
    return [near(r), near(g), near(b)];
  };
  return {
    figure: svgShapes[scene.shape] ?? "",
    color: shade(scene.color),
    background: shade(scene.background),
    extent: between(...grammar.sizes[scene.size]) * side,
    center: [side * (0.5 + between(-stray, stray)), side * (0.5 + between(-stray, stray))],
    turn: between(-5, 5),
  };
}
