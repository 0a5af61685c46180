// The eight shapes as plane geometry, in a box from −1 to 1 with y pointing up.

type Corner = readonly [x: number, y: number];

/** Corners counter-clockwise from the top, their distances from the middle taken in turn. */
function turn(count: number, radii: readonly [number, number]): Corner[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = Math.PI / 2 + (2 * Math.PI * index) / count;
    const radius = radii[index % 2 === 0 ? 0 : 1];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

function heart(): Corner[] {
  return Array.from({ length: 60 }, (_, index) => {
    const t = (2 * Math.PI * index) / 60;
    const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
    return [Math.sin(t) ** 3, (y + 2.5) / 15.5];
  });
}

/** Width of an arm of the cross, and of the ring's hole, as fractions of the whole. */
const arm = 0.32;
const hole = 0.55;

const polygons: ReadonlyMap<string, readonly Corner[]> = new Map<string, readonly Corner[]>([
  [
    "square",
    [
      [-0.88, -0.88],
      [0.88, -0.88],
      [0.88, 0.88],
      [-0.88, 0.88],
    ],
  ],
  [
    "triangle",
    [
      [-1, -0.82],
      [1, -0.82],
      [0, 0.95],
    ],
  ],
  [
    "diamond",
    [
      [-0.8, 0],
      [0, -1],
      [0.8, 0],
      [0, 1],
    ],
  ],
  ["star", turn(10, [1.05, 0.45])],
  ["heart", heart()],
  [
    "cross",
    [
      [-arm, -1],
      [arm, -1],
      [arm, -arm],
      [1, -arm],
      [1, arm],
      [arm, arm],
      [arm, 1],
      [-arm, 1],
      [-arm, arm],
      [-1, arm],
      [-1, -arm],
      [-arm, -arm],
    ],
  ],
]);

function isInPolygon(corners: readonly Corner[], x: number, y: number): boolean {
  let inside = false;
  let [previousX, previousY] = corners.at(-1) ?? [0, 0];
  for (const [cornerX, cornerY] of corners) {
    const crosses = cornerY > y !== previousY > y;
    if (crosses && x < cornerX + ((y - cornerY) * (previousX - cornerX)) / (previousY - cornerY))
      inside = !inside;
    [previousX, previousY] = [cornerX, cornerY];
  }
  return inside;
}

/** The names of the shapes that can be recognized. */
export const shapeNames: readonly string[] = ["circle", "ring", ...polygons.keys()];

/** Whether a point lies in a shape. */
export function isInShape(shape: string, x: number, y: number): boolean {
  if (shape === "circle") return Math.hypot(x, y) <= 1;
  if (shape === "ring") return Math.hypot(x, y) <= 1 && Math.hypot(x, y) >= hole;
  return isInPolygon(polygons.get(shape) ?? [], x, y);
}
