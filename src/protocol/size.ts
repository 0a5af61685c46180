import * as z from "zod";

/** A size as people write it, width first. In pixels. */
export const sizeSchema = z.strictObject({
  width: z.int().min(1).max(16384),
  height: z.int().min(1).max(16384),
});
export type Size = z.infer<typeof sizeSchema>;

/** A point in pixels, x to the right and y down, as SDXL's crop coordinates are. */
export const pointSchema = z.strictObject({
  x: z.int().min(0).max(16384),
  y: z.int().min(0).max(16384),
});
export type Point = z.infer<typeof pointSchema>;
