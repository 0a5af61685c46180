/** A scheduler's configuration that cannot be used: the sentence names the key and its value. */
export class SchedulerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SchedulerError";
  }
}

/** The contents of a `scheduler_config.json`. */
export type SchedulerValues = Readonly<Record<string, unknown>>;

function wrong(key: string, value: unknown, expected: string): SchedulerError {
  return new SchedulerError(
    `The scheduler's configuration has ${key} ${JSON.stringify(value)}, which is not possible: it takes ${expected}.`,
  );
}

/**
 * Reads keys of a configuration as diffusers' `from_config` does: an absent key takes the class's default, keys of
 * other classes are ignored.
 */
export class ConfigReader {
  readonly #values: SchedulerValues;

  constructor(values: SchedulerValues) {
    this.#values = values;
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
  }

  /** The class that the configuration was written for, if it says so. */
  get className(): unknown {
    return this.#get("_class_name");
  }

  /** @throws SchedulerError when the value is no number from `minimum` to `maximum` */
  number(key: string, fallback: number, { minimum = -1e9, maximum = 1e9 } = {}): number {
    const value = this.#get(key) ?? fallback;
    if (typeof value !== "number" || !(value >= minimum && value <= maximum)) {
      throw wrong(key, value, `a number from ${minimum} to ${maximum}`);
    }
    return value;
  }

  /** @throws SchedulerError when the value is no whole number from `minimum` to `maximum` */
  integer(key: string, fallback: number, { minimum = 0, maximum = 100_000 } = {}): number {
    const value = this.number(key, fallback, { minimum, maximum });
    if (!Number.isInteger(value)) throw wrong(key, value, "a whole number");
    return value;
  }

  /** @throws SchedulerError when the value is neither absent, `null` nor a finite number */
  optionalNumber(key: string): number | undefined {
    const value = this.#get(key) ?? undefined;
    return value === undefined ? undefined : this.number(key, 0);
  }

  /** @throws SchedulerError when the key is there and neither `null` nor `false`. @param why it cannot be used */
  refuse(key: string, why: string): void {
    const value = this.#get(key) ?? false;
    if (value === false) return;
    throw new SchedulerError(`The scheduler's configuration has ${key} ${JSON.stringify(value)}: ${why}.`);
  }

  /** @throws SchedulerError when the value is not a boolean */
  flag(key: string, fallback: boolean): boolean {
    const value = this.#get(key) ?? fallback;
    if (typeof value !== "boolean") throw wrong(key, value, "true or false");
    return value;
  }

  /** @throws SchedulerError when the value is not one of the choices */
  choice<T extends string>(key: string, fallback: T, choices: readonly T[]): T {
    const value = this.#get(key) ?? fallback;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw wrong(key, value, choices.join(" or "));
    return found;
  }

  /** @throws SchedulerError when the value is neither absent, `null` nor a list of finite numbers */
  optionalNumbers(key: string): readonly number[] | undefined {
    const value = this.#get(key) ?? undefined;
    if (value === undefined) return undefined;
    const isList = Array.isArray(value) && value.length <= 100_000;
    if (!isList || !value.every((one): one is number => Number.isFinite(one))) {
      throw wrong(key, value, "a list of numbers");
    }
    return value;
  }
}
