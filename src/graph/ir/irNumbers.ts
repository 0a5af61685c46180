import type { Shape } from "../graph.ts";
import { GraphError } from "../graphError.ts";

/** A natural number as IR writes it. @throws GraphError that names `what` */
export function naturalNumber(text: string | undefined, what: string): number {
  const value = text !== undefined && /^\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new GraphError(`${what} is ${text === undefined ? "missing" : `"${text}"`}, not a natural number.`);
  }
  return value;
}

/** One dimension of a port or shape: a natural number, or -1 where it is open. */
function dimension(text: string, what: string): number {
  const trimmed = text.trim();
  // A range (`1..8`) is as open as OpenVINO takes it for in a port.
  if (trimmed === "-1" || trimmed === "?" || /^\d*\.\.\d*$/.test(trimmed)) return -1;
  return naturalNumber(trimmed, `A dimension of ${what}`);
}

/** The dimensions of a port. @throws GraphError */
export function dimensions(texts: readonly string[], what: string): Shape {
  if (texts.length > 64) throw new GraphError(`${what} has ${texts.length} dimensions; 64 is the most.`);
  return texts.map((text) => dimension(text, what));
}

/** The shape in an attribute: `64, 3, 7, 7`; empty for a scalar. @throws GraphError */
export function shapeOfText(text: string, what: string): Shape {
  return text.trim() === "" ? [] : dimensions(text.split(","), what);
}

/** Tensor names: separated by commas, a comma inside a name is `\,`. */
export function splitNames(text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  return text.split(/(?<!\\),/).map((name) => name.replaceAll("\\,", ","));
}

/** The reverse of `splitNames`. */
export function joinNames(names: readonly string[]): string {
  return names.map((name) => name.replaceAll(",", "\\,")).join(",");
}
