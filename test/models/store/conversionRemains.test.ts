import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeConversionRemains } from "../../../src/models/store/conversionRemains.ts";
import { ModelStore } from "../../../src/models/store/modelStore.ts";

it("deletes what killed conversions have left, and nothing of one that goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "limner-remains-"));
  const store = new ModelStore(folder);
  const left = ["a~new", "a~new.partial-0a1b2c3d", "a~old"];
  const others = ["a", "a.partial-0a1b2c3d", "notes~newer", "busy~new.partial-0a1b2c3d"];
  for (const name of [...left, ...others]) mkdirSync(join(folder, name));
  await store.locked("busy", () => removeConversionRemains(store));
  expect(readdirSync(folder).sort()).toEqual([...others, "locks"].sort());
  rmSync(folder, { recursive: true });
});
