import type { Section } from "./section.ts";
import { tolerances } from "./tolerances.ts";

/** Measured differences by the ids of cases. */
export type Measurements = ReadonlyMap<string, readonly (number | undefined)[]>;

/** Stands in the place of what is not measured. */
const unmeasured = "…";

/** One significant digit, since the last bits of sums are the processor's own; whole numbers as they are. */
export function briefly(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toExponential(0).replace("+", "");
}

function largest(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return "–";
  return briefly(known.some(Number.isNaN) ? Number.NaN : Math.max(...known));
}

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

function table({ columns, measures, rows }: Section, measurements: Measurements | undefined): string[] {
  return [
    line([...columns, "Cases", ...measures]),
    line([...columns.map(() => "---"), "--:", ...measures.map(() => "--:")]),
    ...rows.map(({ cells, cases }) => {
      const measured = measures.map((_, at) =>
        measurements ? largest(cases.map(({ id }) => measurements.get(id)?.[at])) : unmeasured,
      );
      return line([...cells, String(cases.length), ...measured]);
    }),
  ];
}

/** The page of all sections; without measurements, what it must say whatever was measured. */
export function parityPage(sections: readonly Section[], measurements?: Measurements): string {
  return [
    "# Parity",
    "",
    "What Limner computes beside what diffusers 0.39, transformers and torch compute, all in float32 on a CPU, with tiny",
    "random models. `npm run docs:parity` measures and writes this page; `npm test` compares the same cases and fails above",
    `${briefly(tolerances.latents)} for latents, ${tolerances.pixels} of 255 for pixels and ${briefly(tolerances.networks)} for networks. Relative is max|Δ| / max|reference|; each row has the largest`,
    "difference of its cases, to one digit.",
    ...sections.flatMap((section) => [
      "",
      `## ${section.title}`,
      "",
      section.text,
      "",
      ...table(section, measurements),
    ]),
    "",
  ].join("\n");
}

/** A page with every measured number left out. */
export function withoutMeasurements(page: string, sections: readonly Section[]): string {
  const measures = new Map(
    sections.map(({ columns, measures: headings }) => [
      line([...columns, "Cases", ...headings]),
      headings.length,
    ]),
  );
  let masked = 0;
  return page
    .split("\n")
    .map((text) => {
      masked = measures.get(text) ?? (text.startsWith("|") ? masked : 0);
      if (masked === 0 || measures.has(text) || text.startsWith("| ---")) return text;
      const cells = text.slice(2, -2).split(" | ");
      return line([...cells.slice(0, -masked), ...cells.slice(-masked).map(() => unmeasured)]);
    })
    .join("\n");
}
