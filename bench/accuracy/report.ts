import type { Judged } from "./measure.ts";

/** One line of the table: how many of so many were right. */
interface Line {
  label: string;
  right: number;
  of: number;
}

function line(label: string, judged: readonly Judged[], isRight: (one: Judged) => boolean): Line {
  return { label, right: judged.filter(isRight).length, of: judged.length };
}

const allRight = ({ verdict }: Judged) => verdict.all;

/** A line for each value that a part of the scene takes, in the order of the alphabet. */
function linesBy(judged: readonly Judged[], part: (one: Judged) => string): Line[] {
  const values = [...new Set(judged.map(part))].sort();
  return values.map((value) =>
    line(
      value,
      judged.filter((one) => part(one) === value),
      allRight,
    ),
  );
}

function format({ label, right, of }: Line): string {
  const percent = of === 0 ? "–" : `${((100 * right) / of).toFixed(1)} %`;
  return `  ${label.padEnd(22)}${String(right).padStart(5)} of ${String(of).padStart(3)}${percent.padStart(10)}`;
}

/** The part that is right in everything its caption names, 0 to 1; 0 when there is nothing to judge. */
export function accuracyOf(judged: readonly Judged[]): number {
  return judged.length === 0 ? 0 : judged.filter(allRight).length / judged.length;
}

function describeWrong({ caption, seen }: Judged, number: number): string {
  const saw =
    seen.reason ?? [seen.size, seen.color ?? "?", seen.shape ?? "?", "on", seen.background ?? "?"].join(" ");
  return `  ${String(number).padStart(3)}  ${caption.text}: ${saw} (overlap ${seen.overlap.toFixed(2)})`;
}

/** The table of a measurement, with what was wrong picture by picture. */
export function reportOf(judged: readonly Judged[]): string {
  const sections: [title: string, lines: Line[]][] = [
    ["Right in everything the caption names", [line("overall", judged, allRight)]],
    [
      "Combinations in training",
      [
        line(
          "seen",
          judged.filter(({ caption }) => !caption.heldOut),
          allRight,
        ),
        line(
          "held out",
          judged.filter(({ caption }) => caption.heldOut),
          allRight,
        ),
      ],
    ],
    [
      "Part by part",
      [
        line("shape", judged, ({ verdict }) => verdict.shape),
        line("color of the figure", judged, ({ verdict }) => verdict.color),
        line("color of the ground", judged, ({ verdict }) => verdict.background),
        line(
          "size, where named",
          judged.filter(({ caption }) => caption.scene.size),
          ({ verdict }) => verdict.size,
        ),
      ],
    ],
    ["By shape", linesBy(judged, ({ caption }) => caption.scene.shape)],
    ["By color of the figure", linesBy(judged, ({ caption }) => caption.scene.color)],
    ["By color of the ground", linesBy(judged, ({ caption }) => caption.scene.background)],
    ["By size", linesBy(judged, ({ caption }) => caption.scene.size ?? "not named")],
  ];
  const tables = sections.map(([title, lines]) => [title, ...lines.map(format)].join("\n"));
  const wrong = judged.flatMap((one, index) => (allRight(one) ? [] : [describeWrong(one, index + 1)]));
  return [...tables, ...(wrong.length > 0 ? [["Wrong", ...wrong].join("\n")] : [])].join("\n\n");
}
