import type { Seen } from "./imageCheck.ts";
import type { Judged } from "./measure.ts";
import { accuracyOf } from "./report.ts";

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean width of the outlines of the pictures that show a figure, in pixels. */
export function outlineOf(seen: readonly Seen[]): number {
  return mean(seen.flatMap(({ outline }) => outline ?? []));
}

/** How the pictures of one way of drawing compare with those of the others. */
export interface Way {
  label: string;
  judged: readonly Judged[];
}

/**
 * Whether each of the ways makes at least as many right as the first does, with outlines nearer in width to those of the
 * training pictures.
 */
export function isBetter(alone: Way, ways: readonly Way[], training: readonly Seen[]): boolean {
  const far = ({ judged }: Way) => Math.abs(outlineOf(judged.map(({ seen }) => seen)) - outlineOf(training));
  return ways.every((way) => accuracyOf(way.judged) >= accuracyOf(alone.judged) && far(way) < far(alone));
}

/** The ways side by side: how many are right, how well the best shape covers the figure, how wide outlines are. */
export function comparisonOf(ways: readonly Way[], training: readonly Seen[]): string {
  const row = (label: string, right: string, seen: readonly Seen[]) => {
    const overlap = mean(seen.map(({ overlap }) => overlap)).toFixed(3);
    return `  ${label.padEnd(30)}${right.padStart(12)}${overlap.padStart(10)}${outlineOf(seen).toFixed(2).padStart(12)} px`;
  };
  return [
    `  ${"".padEnd(30)}${"right".padStart(12)}${"overlap".padStart(10)}${"outline".padStart(15)}`,
    ...ways.map(({ label, judged }) =>
      row(
        label,
        `${judged.filter(({ verdict }) => verdict.all).length} of ${judged.length}`,
        judged.map(({ seen }) => seen),
      ),
    ),
    row("training pictures", "", training),
  ].join("\n");
}
