import { readFile } from "node:fs/promises";
import * as z from "zod";
import { replaceFile } from "../platform/replaceFile.ts";
import type { Size } from "../protocol/size.ts";

/** What a step's time depends on. */
export interface StepKind {
  readonly model: string;
  readonly device: string;
  readonly precision: string;
  /** Whether guidance is on, which takes two calls a step. */
  readonly isGuided: boolean;
  readonly size: Size;
}

const entrySchema = z.object({ kind: z.string().max(1000), pixels: z.int(), seconds: z.number().positive() });
const fileSchema = z.array(entrySchema).max(1000).catch([]);
type Entry = z.infer<typeof entrySchema>;

/** The newest of so many kinds and sizes are kept. */
const mostEntries = 200;

/** A time counts for pictures of up to so many times more or fewer pixels. */
const farthest = 4;

const kindOf = ({ model, device, precision, isGuided }: StepKind) =>
  [model, device, precision, isGuided ? "guided" : "plain"].join("|");

const pixelsOf = ({ width, height }: Size) => width * height;

/** How long steps took on this machine, kept in a file of the user's cache: what a drawing will take is told from it. */
export class StepTimes {
  readonly #file: string;
  #entries: Promise<Entry[]> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** @param seconds that a step of this kind took */
  async record(kind: StepKind, seconds: number): Promise<void> {
    const own: Entry = { kind: kindOf(kind), pixels: pixelsOf(kind.size), seconds };
    const others = (await this.#read()).filter(
      ({ kind: other, pixels }) => other !== own.kind || pixels !== own.pixels,
    );
    const entries = [own, ...others].slice(0, mostEntries);
    this.#entries = Promise.resolve(entries);
    await replaceFile(this.#file, JSON.stringify(entries));
  }

  /**
   * Seconds of a step: as measured at this size, else by the pixels of the nearest size that was measured.
   * @returns nothing where none of this kind was measured, or only sizes that are far from this one
   */
  async secondsOf(kind: StepKind): Promise<number | undefined> {
    const pixels = pixelsOf(kind.size);
    const far = (entry: Entry) => Math.abs(Math.log(entry.pixels / pixels));
    const same = (await this.#read()).filter((entry) => entry.kind === kindOf(kind));
    const [nearest] = same.sort((one, other) => far(one) - far(other));
    if (!nearest || far(nearest) > Math.log(farthest)) return undefined;
    return (nearest.seconds * pixels) / nearest.pixels;
  }

  #read(): Promise<Entry[]> {
    this.#entries ??= readFile(this.#file, "utf8").then(
      (text) => fileSchema.parse(parsed(text)),
      () => [],
    );
    return this.#entries;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}
