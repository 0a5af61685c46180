import * as z from "zod";
import { maximumPromptLength } from "./generateRequest.ts";
import { query } from "./messageType.ts";

/** What a model's text encoders read of a prompt: for the counter beside the prompt. */
export const tokenizePrompt = query(
  "prompts/tokenize",
  z.strictObject({
    prompt: z.string().max(maximumPromptLength),
    model: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe("model name or folder (default: the model in the box)"),
    weighting: z.enum(["on", "off"]).optional().describe("whether brackets are weights (default: on)"),
  }),
  z.strictObject({
    encoders: z.array(
      z.strictObject({
        tokens: z.int().describe("tokens of the prompt, without those for start and end"),
        limit: z.int().describe("how many the encoder reads at once"),
        chunks: z.int().describe("how many pieces a longer prompt is read in"),
      }),
    ),
  }),
);
