import { LimnerError } from "../protocol/limnerError.ts";
import type { Point, Size } from "../protocol/size.ts";

function wrong(option: string, value: string, expected: string): LimnerError {
  return new LimnerError("usage", `--${option} takes ${expected}, not "${value}".`);
}

/** A decimal number, as people write it. @throws LimnerError `usage` */
export function parseNumber(option: string, value: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) throw wrong(option, value, "a number");
  return Number(value);
}

/** `WIDTHxHEIGHT`. @throws LimnerError `usage` */
export function parseSize(option: string, value: string): Size {
  const match = /^(\d{1,6})[x×](\d{1,6})$/i.exec(value);
  if (!match) throw wrong(option, value, "WIDTHxHEIGHT, for example 1024x768");
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** `A,B`, two numbers. @throws LimnerError `usage` */
export function parseRange(option: string, value: string): [number, number] {
  const [from, to, ...more] = value.split(",");
  if (from === undefined || to === undefined || more.length > 0) {
    throw wrong(option, value, "two numbers, for example 0,0.8");
  }
  return [parseNumber(option, from.trim()), parseNumber(option, to.trim())];
}

/** `X,Y`. @throws LimnerError `usage` */
export function parsePoint(option: string, value: string): Point {
  const match = /^(\d{1,6}),(\d{1,6})$/.exec(value);
  if (!match) throw wrong(option, value, "X,Y, for example 0,0");
  return { x: Number(match[1]), y: Number(match[2]) };
}

/** `A,B,…`: decimal numbers. @throws LimnerError `usage` */
export function parseNumbers(option: string, value: string): number[] {
  return value.split(",").map((part) => parseNumber(option, part.trim()));
}

/** `on` or `off`. @throws LimnerError `usage` */
export function parseSwitch(option: string, value: string): boolean {
  if (value !== "on" && value !== "off") throw wrong(option, value, "on or off");
  return value === "on";
}

/** `NAME` or `NAME:SCALE`. A colon that no number follows belongs to the name, as in `C:\\loras\\a.safetensors`. */
export function parseLora(value: string): { name: string; scale: number } {
  const match = /^(.+):([-+]?(?:\d+\.?\d*|\.\d+))$/.exec(value);
  const [, name = value, scale = "1"] = match ?? [];
  return { name, scale: Number(scale) };
}
