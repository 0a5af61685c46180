// Compares Limner with diffusers, transformers and torch, case by case, and writes docs/parity.md:
// node bench/run.mjs bench/parity/main.ts (npm run docs:parity)
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertModel } from "../../src/convert/convertModel.ts";
import { fixtures } from "../../test/convert/convertedModel.ts";
import { compareConverted } from "../../test/parity/networkCases.ts";
import { type Measurements, parityPage } from "../../test/parity/page.ts";
import type { Workbench } from "../../test/parity/section.ts";
import { sections } from "../../test/parity/sections.ts";
import { TinyModels } from "../../test/parity/tinyModels.ts";

const folder = mkdtempSync(join(tmpdir(), "limner-parity-page-"));
const models = await TinyModels.open();
const conversions = new Map<string, Promise<Record<string, number>>>();

async function convertAndCompare(pipeline: string): Promise<Record<string, number>> {
  const out = join(folder, pipeline);
  await convertModel({ source: join(fixtures, pipeline, "source"), out, weights: "fp32" }, { threads: 0 });
  return compareConverted(models.runtime, out, pipeline);
}

const workbench: Workbench = {
  models,
  converted(pipeline) {
    const converted = conversions.get(pipeline) ?? convertAndCompare(pipeline);
    conversions.set(pipeline, converted);
    return converted;
  },
};

async function measureAll(): Promise<Measurements> {
  const measured = new Map<string, (number | undefined)[]>();
  for (const { title, rows } of sections) {
    for (const { id, measure } of rows.flatMap(({ cases }) => cases))
      if (!measured.has(id)) measured.set(id, await measure(workbench));
    console.error(`${title}: ${measured.size} cases so far`);
  }
  return measured;
}

try {
  writeFileSync("docs/parity.md", parityPage(sections, await measureAll()));
} finally {
  await models.dispose();
  rmSync(folder, { recursive: true, force: true });
}
