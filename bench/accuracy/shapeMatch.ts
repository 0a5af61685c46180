import type { Coverage } from "./figure.ts";
import { isInShape, shapeNames } from "./outlines.ts";

/** How well a shape fits. */
export interface ShapeMatch {
  shape: string;
  /** Common area over united area, 0 to 1. */
  overlap: number;
  /** Half the extent of the shape's box, in pixels. */
  extent: number;
}

/** Turns tried, in degrees. */
const turns = [-8, -4, 0, 4, 8];

/** Cells along each side of a template's raster, which covers the box from −1.1 to 1.1. */
const cells = 512;
const reach = 1.1;

/** Steps a pixel's side is divided into: one to rank the shapes, several so that edges count by their coverage. */
const coarse = 1;
const fine = 3;

/** Shapes of the ranking that are looked at closely. */
const finalists = 3;

interface Moments {
  area: number;
  x: number;
  y: number;
}

/** A shape rastered once, because asking its geometry for every point of every try takes too long. */
interface Template {
  shape: string;
  raster: Uint8Array;
  moments: Moments;
}

function templateOf(shape: string): Template {
  const raster = new Uint8Array(cells * cells);
  const moments = { area: 0, x: 0, y: 0 };
  const at = (cell: number) => ((cell + 0.5) / cells) * 2 * reach - reach;
  for (let cell = 0; cell < raster.length; cell++) {
    const x = at(cell % cells);
    const y = at(Math.floor(cell / cells));
    if (!isInShape(shape, x, y)) continue;
    raster[cell] = 1;
    moments.area++;
    moments.x += x;
    moments.y += y;
  }
  moments.x /= moments.area;
  moments.y /= moments.area;
  moments.area *= ((2 * reach) / cells) ** 2;
  return { shape, raster, moments };
}

function covers(raster: Uint8Array, x: number, y: number): number {
  if (Math.abs(x) >= reach || Math.abs(y) >= reach) return 0;
  const column = Math.floor(((x + reach) / (2 * reach)) * cells);
  const row = Math.floor(((y + reach) / (2 * reach)) * cells);
  return raster[row * cells + column] ?? 0;
}

const templates = shapeNames.map(templateOf);

function momentsOf({ width, data }: Coverage): Moments {
  let area = 0;
  let sumX = 0;
  let sumY = 0;
  data.forEach((value, pixel) => {
    area += value;
    sumX += value * ((pixel % width) + 0.5);
    sumY += value * (Math.floor(pixel / width) + 0.5);
  });
  return { area, x: sumX / area, y: sumY / area };
}

/** How a template's box lies in the picture: center in pixels, half its extent, turn in radians. */
interface Placement {
  x: number;
  y: number;
  extent: number;
  angle: number;
}

/** Common area over united area of a figure and a template laid over it. */
function overlapOf(
  raster: Uint8Array,
  { x, y, extent, angle }: Placement,
  figure: Coverage,
  steps: number,
): number {
  const { width, data } = figure;
  const cosine = Math.cos(angle) / extent;
  const sine = Math.sin(angle) / extent;
  const farthest = extent * 1.5 + 1;
  let common = 0;
  let united = 0;
  for (let pixel = 0; pixel < data.length; pixel++) {
    const left = (pixel % width) - x;
    const top = y - Math.floor(pixel / width);
    let hits = 0;
    if (Math.abs(left) < farthest && Math.abs(top) < farthest) {
      for (let step = 0; step < steps * steps; step++) {
        const right = left + ((step % steps) + 0.5) / steps;
        const up = top - (Math.floor(step / steps) + 0.5) / steps;
        hits += covers(raster, cosine * right + sine * up, cosine * up - sine * right);
      }
    }
    const template = hits / (steps * steps);
    const seen = data[pixel] ?? 0;
    common += Math.min(template, seen);
    united += Math.max(template, seen);
  }
  return united === 0 ? 0 : common / united;
}

/** How well a template fits at its best turn, laid on the figure's center with the figure's area. */
function matchOf(
  { shape, raster, moments }: Template,
  figure: Coverage,
  center: Moments,
  steps: number,
): ShapeMatch {
  const extent = Math.sqrt(center.area / moments.area);
  const overlaps = turns.map((turn) => {
    const angle = (turn * Math.PI) / 180;
    // The template's own center of area is not its box's middle: turned and scaled, it goes onto the figure's.
    const x = center.x - extent * (Math.cos(angle) * moments.x - Math.sin(angle) * moments.y);
    const y = center.y + extent * (Math.sin(angle) * moments.x + Math.cos(angle) * moments.y);
    return overlapOf(raster, { x, y, extent, angle }, figure, steps);
  });
  return { shape, overlap: Math.max(...overlaps), extent };
}

/** The shape whose outline, turned a little either way, covers the figure best. */
export function bestShape(figure: Coverage): ShapeMatch {
  const center = momentsOf(figure);
  const matches = (candidates: readonly Template[], steps: number) =>
    candidates
      .map((template) => ({ template, match: matchOf(template, figure, center, steps) }))
      .sort((one, other) => other.match.overlap - one.match.overlap);
  const ranking = matches(templates, coarse).slice(0, finalists);
  const [best] = matches(
    ranking.map(({ template }) => template),
    fine,
  );
  return best?.match ?? { shape: "", overlap: 0, extent: 0 };
}
