import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { briefly, parityPage, withoutMeasurements } from "./page.ts";
import { listedPipelines, runsWith } from "./pipelineSections.ts";
import type { Section } from "./section.ts";
import { sections } from "./sections.ts";

describe("docs/parity.md", () => {
  it("lists what is compared, case by case: npm run docs:parity writes it anew", () => {
    const page = readFileSync("docs/parity.md", "utf8");
    expect(withoutMeasurements(page, sections)).toBe(parityPage(sections));
  });

  it("states a number for everything", () => {
    const page = readFileSync("docs/parity.md", "utf8");
    expect(page).not.toMatch(/NaN|Infinity|…|undefined/);
  });
});

describe("every parameter of diffusers' pipelines", () => {
  it.each(listedPipelines)("of $class is in a run with another value than its default", (listed) => {
    const without = listed.compared.filter((name) => runsWith(listed.pipeline, name).length === 0);
    expect(without).toEqual([]);
    expect(listed.compared.length).toBeGreaterThan(20);
  });
});

describe("the page", () => {
  const section: Section = {
    title: "Things",
    text: "All of them.",
    columns: ["Thing"],
    measures: ["First", "Second"],
    rows: [
      {
        cells: ["one"],
        cases: ["a", "b"].map((id) => ({ id, measure: async () => [0, 0] })),
      },
    ],
  };

  it("has the largest difference of a row's cases, and a dash where nothing was compared", () => {
    const measurements = new Map([
      ["a", [1.234e-6, undefined]],
      ["b", [5e-8, undefined]],
    ]);
    expect(parityPage([section], measurements)).toContain("| one | 2 | 1e-6 | – |");
  });

  it("says so where a difference is no number", () => {
    const measurements = new Map([
      ["a", [Number.NaN, 1]],
      ["b", [5e-8, 2]],
    ]);
    expect(parityPage([section], measurements)).toContain("| one | 2 | NaN | 2 |");
  });

  it("rounds to one digit", () => {
    expect([0, 2, 0.00149, 0.96, 1.7e-7].map(briefly)).toEqual(["0", "2", "1e-3", "1e0", "2e-7"]);
  });
});
