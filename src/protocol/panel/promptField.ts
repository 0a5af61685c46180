import * as z from "zod";

/** The prompts whose tokens the panel counts. */
export const promptFieldSchema = z.enum(["prompt", "negativePrompt"]);
export type PromptField = z.infer<typeof promptFieldSchema>;
