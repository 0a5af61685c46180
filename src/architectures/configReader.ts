import { ArchitectureError } from "./architectureError.ts";

/** What a number of a configuration may be, and what it is where the key is absent or null. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly fallback?: number;
}

/** How wide layers may be, and how many heads, channels and tokens there may be. */
export const widths = { min: 1, max: 1 << 20 } as const;

/** How many blocks, layers or transformers may follow each other. */
export const counts = { min: 1, max: 256 } as const;

/** How small a norm's epsilon may be. */
export const epsilons = { min: 0, max: 1 } as const;

/** A value as an error shows it: short, whatever the file holds. */
function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Reads one network's `config.json`, which may say anything, with errors that name the key and its value. */
export class ConfigReader {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #network: string;

  /**
   * @param config the parsed file
   * @param network whose configuration it is, as errors name it
   */
  constructor(config: unknown, network: string) {
    if (typeof config !== "object" || config === null || Array.isArray(config))
      throw new ArchitectureError(
        `The configuration of the ${network} is ${shown(config)} and not an object. Download the model's config.json again.`,
      );
    this.#values = Object.fromEntries(Object.entries(config));
    this.#network = network;
  }

  /** The error for a value that no network can have. */
  wrong(key: string, expected: string): ArchitectureError {
    return new ArchitectureError(
      `The configuration of the ${this.#network} says ${this.isNull(key) ? "null" : shown(this.value(key))} for ${key}, which must be ${expected}. Download the model's config.json again.`,
    );
  }

  /** The error for a value that diffusers knows and SDXL's networks do not have. */
  unsupported(key: string): ArchitectureError {
    return new ArchitectureError(
      `The configuration of the ${this.#network} says ${this.isNull(key) ? "null" : shown(this.value(key))} for ${key}, which is not supported. Use a model with Stable Diffusion XL's architecture.`,
    );
  }

  /** What a key says; `undefined` where it is absent or null. */
  value(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined;
  }

  /** Whether a key is there and says null, which for some is not what its absence means. */
  isNull(key: string): boolean {
    return Object.hasOwn(this.#values, key) && this.#values[key] === null;
  }

  number(key: string, range: NumberRange): number {
    const value = this.value(key) ?? range.fallback;
    if (typeof value !== "number" || !(value >= range.min && value <= range.max))
      throw this.wrong(key, `a number from ${range.min} to ${range.max}`);
    return value;
  }

  integer(key: string, range: NumberRange): number {
    const value = this.value(key) ?? range.fallback;
    if (!isInteger(value, range)) throw this.wrong(key, `a whole number from ${range.min} to ${range.max}`);
    return value;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.value(key) ?? fallback;
    if (typeof value !== "boolean") throw this.wrong(key, "true or false");
    return value;
  }

  /** A list of whole numbers with at least one. */
  integers(key: string, range: NumberRange): number[] {
    const value = this.value(key);
    if (!Array.isArray(value) || value.length === 0 || value.length > counts.max)
      throw this.wrong(key, "a list of whole numbers");
    return value.map((item: unknown) => {
      if (!isInteger(item, range))
        throw this.wrong(key, `a list of whole numbers from ${range.min} to ${range.max}`);
      return item;
    });
  }

  /** A whole number for each of `length` levels: one for all of them, or a list. */
  perLevel(key: string, length: number, range: NumberRange): number[] {
    const value = this.value(key) ?? range.fallback;
    if (!Array.isArray(value)) return Array<number>(length).fill(this.integer(key, range));
    const list = this.integers(key, range);
    if (list.length !== length)
      throw this.wrong(key, `one number or a list of ${length}, one for each block`);
    return list;
  }

  /** A list of `length` words, each one of `choices`. */
  choices<Choice extends string>(key: string, length: number, choices: readonly Choice[]): Choice[] {
    const value = this.value(key);
    if (!Array.isArray(value) || value.length !== length)
      throw this.wrong(key, `a list of ${length}, one for each block`);
    return value.map((item: unknown) => {
      const choice = choices.find((one) => one === item);
      if (choice === undefined) throw this.unsupported(key);
      return choice;
    });
  }

  /**
   * Refuses a key that says anything but `known`; absent and null are always taken.
   * @throws ArchitectureError
   */
  only(key: string, ...known: readonly unknown[]): void {
    const value = this.value(key);
    if (value !== undefined && !known.includes(value)) throw this.unsupported(key);
  }
}

/** Whether a value of a configuration is a whole number in a range. */
export function isInteger(value: unknown, range: NumberRange): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= range.min && value <= range.max;
}
