import { bytesText } from "../platform/quantityText.ts";
import type { Size } from "../protocol/size.ts";

/** What drawing with a model takes. */
export interface MemoryNeed {
  /** Bytes at the moment that takes most, by estimate: on a CPU that computes in float32. */
  readonly memoryBytes: number;
  /** The size it draws at unless told otherwise. */
  readonly size: Size;
}

/** The need in words. */
export function memoryText({ memoryBytes, size }: MemoryNeed): string {
  return `about ${bytesText(memoryBytes)} to draw at ${size.width}x${size.height} in float32, less in 16 bits`;
}
