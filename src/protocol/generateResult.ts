import * as z from "zod";

const seconds = z.number().min(0);

/** Seconds spent on each part of one image. */
export const timingsSchema = z.strictObject({
  load: seconds,
  encode: seconds,
  denoise: seconds,
  decode: seconds,
  write: seconds,
});
export type Timings = z.infer<typeof timingsSchema>;

/** One finished image of a job. */
export const generatedImageSchema = z.strictObject({
  file: z.string().describe("absolute path of the asset"),
  seed: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
  timings: timingsSchema,
  model: z.string().describe("name of the model that drew it"),
});
export type GeneratedImage = z.infer<typeof generatedImageSchema>;
