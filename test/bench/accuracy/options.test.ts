import { expect, test } from "vitest";
import { accuracyHelp, parseAccuracyOptions } from "../../../bench/accuracy/options.ts";

test("without options: 200 captions of seed 1, at least 90 % right", () => {
  expect(parseAccuracyOptions([])).toEqual({
    count: 200,
    seed: 1,
    minimum: 0.9,
    handoff: 0.8,
    refineStrength: 0.3,
  });
});

test("every option is taken and explained", () => {
  const args =
    "--model m --refiner r --handoff 0.7 --refine-strength 0.4 --count 8 --seed 5 --steps 12 --guidance 3.5 --scheduler euler --minimum 50 --sheet s.png".split(
      " ",
    );
  expect(parseAccuracyOptions(args)).toEqual({
    model: "m",
    refiner: "r",
    handoff: 0.7,
    refineStrength: 0.4,
    count: 8,
    seed: 5,
    steps: 12,
    guidance: 3.5,
    scheduler: "euler",
    minimum: 0.5,
    sheet: "s.png",
  });
  for (const option of args.filter((arg) => arg.startsWith("--")))
    expect(accuracyHelp).toContain(`  ${option} `);
  expect(parseAccuracyOptions(["--help"])).toBe("help");
});

test("wrong values and unknown options are refused by name", () => {
  expect(() => parseAccuracyOptions(["--count", "0"])).toThrow(
    '--count "0" is not possible: it must be a whole number from 1 to 1000.',
  );
  expect(() => parseAccuracyOptions(["--steps", "2.5"])).toThrow('--steps "2.5" is not possible');
  expect(() => parseAccuracyOptions(["--guidance", ""])).toThrow('--guidance "" is not possible');
  expect(() => parseAccuracyOptions(["--cuont", "3"])).toThrow("--cuont");
});
