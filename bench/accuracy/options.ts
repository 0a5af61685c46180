import { parseArgs } from "node:util";
import { LimnerError, messageOf } from "../../src/protocol/limnerError.ts";

/** What to measure, and how. */
export interface AccuracyOptions {
  /** Name or folder of the model. */
  model?: string;
  /** Name or folder of a refiner to compare with the model alone. */
  refiner?: string;
  /** Where on the schedule the refiner takes over, 0 to 1. */
  handoff: number;
  /** How much of the schedule the refiner draws anew from finished latents, 0 to 1. */
  refineStrength: number;
  /** Captions to draw. */
  count: number;
  /** Seed of the captions, and of the first image. */
  seed: number;
  steps?: number;
  guidance?: number;
  scheduler?: string;
  /** The accuracy below which the command fails, 0 to 1. */
  minimum: number;
  /** File that gets all pictures on one sheet. */
  sheet?: string;
}

export const accuracyHelp = `Usage: npm run models:accuracy -- [options]

Draws captions of the box model's grammar and judges each picture by its pixels alone. With a refiner it draws them
three times: with the model alone, handed over to the refiner, and refined when finished. It fails where the refiner
makes fewer right or brings outlines no closer to the training pictures' sharpness.

  --model NAME|DIR  model to measure (default: limner-tiny)
  --refiner NAME|DIR  refiner to compare with the model alone
  --handoff F       where on the schedule the refiner takes over (default: 0.8)
  --refine-strength F  how much the refiner draws anew when finished (default: 0.3)
  --count N         captions (default: 200)
  --seed S          seed of the captions and of the first image (default: 1)
  --steps N         denoising steps (default: the model's own)
  --guidance G      guidance scale (default: the model's own)
  --scheduler NAME  sampler (default: the model's own)
  --minimum PERCENT fail below this (default: 90)
  --sheet FILE      write all pictures on one sheet, right ones framed in green, wrong ones in red
  --help            print this
`;

function numberOf(name: string, value: string, [low, high]: readonly [number, number], whole = true): number {
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (number >= low && number <= high && (!whole || Number.isInteger(number))) return number;
  const kind = whole ? "a whole number" : "a number";
  throw new LimnerError(
    "usage",
    `--${name} "${value}" is not possible: it must be ${kind} from ${low} to ${high}.`,
  );
}

const text = { type: "string" } as const;
const accepted = {
  model: text,
  refiner: text,
  handoff: text,
  "refine-strength": text,
  count: text,
  seed: text,
  steps: text,
  guidance: text,
  scheduler: text,
  minimum: text,
  sheet: text,
  help: { type: "boolean" },
} as const;

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], strict: true, options: accepted }).values;
  } catch (error) {
    throw new LimnerError("usage", `${messageOf(error).split(". ")[0]}. See --help.`);
  }
}

/**
 * Parses the command's arguments.
 * @returns `help` where help is asked for
 * @throws LimnerError `usage`
 */
export function parseAccuracyOptions(args: readonly string[]): AccuracyOptions | "help" {
  const values = parseValues(args);
  if (values.help) return "help";
  const { model, refiner, scheduler, sheet, steps, guidance } = values;
  return {
    model,
    refiner,
    handoff: numberOf("handoff", values.handoff ?? "0.8", [0, 1], false),
    refineStrength: numberOf("refine-strength", values["refine-strength"] ?? "0.3", [0, 1], false),
    scheduler,
    sheet,
    count: numberOf("count", values.count ?? "200", [1, 1000]),
    seed: numberOf("seed", values.seed ?? "1", [0, 2 ** 32 - 1]),
    steps: steps === undefined ? undefined : numberOf("steps", steps, [1, 1000]),
    guidance: guidance === undefined ? undefined : numberOf("guidance", guidance, [0, 100], false),
    minimum: numberOf("minimum", values.minimum ?? "90", [0, 100], false) / 100,
  };
}
