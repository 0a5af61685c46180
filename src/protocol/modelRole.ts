import * as z from "zod";

/** What a model draws from: noise, a finished picture, a picture with a mask. */
export const modelRoleSchema = z.enum(["base", "refiner", "inpainting"]);
export type ModelRole = z.infer<typeof modelRoleSchema>;
