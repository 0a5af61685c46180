import { gigabytes } from "../platform/quantityText.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import type { SubmodelMemory } from "./submodelMemory.ts";

/** A request by what it takes in memory. */
export interface MemoryDemand {
  /** In pixels. */
  size: Size;
  /** Width and height are multiples of this. */
  sizeMultiple: number;
  /** Bytes that a picture of a size takes at the moment that takes most. */
  need(size: Size): number;
}

/**
 * What a request needs at the moment that takes most: one submodel with its run. The others can be dropped by then.
 * @param submodels all that the request uses
 */
export function needOf(submodels: readonly SubmodelMemory[], size: Size): number {
  return Math.max(0, ...submodels.map(({ resident, working }) => resident + working(size)));
}

/** The largest size of the same shape that fits into so many bytes; nothing where none does. */
export function largestSize({ size, sizeMultiple, need }: MemoryDemand, room: number): Size | undefined {
  const columns = Math.floor(size.width / sizeMultiple);
  const most = Math.max(1, Math.floor(size.height / sizeMultiple));
  for (let count = columns; count >= 1; count--) {
    const width = count * sizeMultiple;
    const rows = Math.max(1, Math.min(most, Math.round((width * size.height) / size.width / sizeMultiple)));
    const candidate = { width, height: rows * sizeMultiple };
    if (need(candidate) <= room) return candidate;
  }
  return undefined;
}

/**
 * Refuses what does not fit before any work is done.
 * @param room bytes that can be had when everything that is idle is dropped
 * @throws LimnerError `not-enough-memory` that names the need, what can be had, and the largest size that fits
 */
export function requireMemory(demand: MemoryDemand, room: number): void {
  const { size } = demand;
  const need = demand.need(size);
  if (need <= room) return;
  const largest = largestSize(demand, room);
  const remedy = largest
    ? `The largest of this shape that fits is ${largest.width}x${largest.height}.`
    : "The model does not fit at any size: close other programs, or take one with int8 weights.";
  throw new LimnerError(
    "not-enough-memory",
    `A picture of ${size.width}x${size.height} needs about ${gigabytes(need)} GB of memory, and Limner can have ` +
      `${gigabytes(room)} GB. ${remedy} LIMNER_MEMORY sets how much Limner may take, in GB.`,
  );
}
