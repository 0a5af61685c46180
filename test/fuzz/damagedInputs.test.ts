import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";
import { fuzz } from "./fuzz.ts";
import { fuzzTargets } from "./targets.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** Together at least 10,000 in the whole run, and a sample in the daily one. */
const whole = process.env["LIMNER_FUZZ"] === "all";
const casesPerTarget = whole ? 2000 : 60;
const mostGrowth = 256 * 1024 * 1024;

describe(`${casesPerTarget} damaged files of each kind end in a clear error or a result`, () => {
  it.each(fuzzTargets(folder))(
    "$name",
    async (target) => {
      const { refused, read, failures, growth } = await fuzz(target, folder, 1, casesPerTarget);
      expect(failures).toEqual([]);
      // Damage that is never noticed, or always, would not test the reader.
      expect(refused).toBeGreaterThan(0);
      expect(refused + read).toBe(casesPerTarget);
      expect(growth).toBeLessThan(mostGrowth);
    },
    whole ? 600_000 : 60_000,
  );
});
