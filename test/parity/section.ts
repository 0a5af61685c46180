import type { TinyModels } from "./tinyModels.ts";

/** What comparisons run on. */
export interface Workbench {
  models: TinyModels;
  /** How far each output of a tiny pipeline of test/fixtures/convert is from torch's once Limner has converted it. */
  converted(pipeline: string): Promise<Record<string, number>>;
}

/** One comparison. Rows share cases: each is measured once, by its id. */
export interface Case {
  id: string;
  /** Differences, one for each of the section's measures; undefined where there is nothing to compare. */
  measure(workbench: Workbench): Promise<(number | undefined)[]>;
}

export interface Row {
  /** What is compared, one cell for each of the section's columns. */
  cells: string[];
  cases: Case[];
}

export interface Section {
  title: string;
  text: string;
  columns: string[];
  /** Headings of the measured columns: the largest difference of a row's cases. */
  measures: string[];
  rows: Row[];
}

/** Values by a key, in the order in which the keys come first. */
export function grouped<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value)) ?? [];
    groups.set(keyOf(value), group);
    group.push(value);
  }
  return groups;
}
