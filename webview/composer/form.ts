import * as z from "zod";
import { generateRequestSchema, maximumPromptLength } from "../../src/protocol/generateRequest.ts";
import { pictureFileSchema } from "../../src/protocol/panel/picture.ts";
import { imageFormatSchema } from "../../src/protocol/panel/toPanel.ts";

/** What is typed into a field of numbers: it is read when the request is made. Empty: as the model recommends. */
const typed = z.string().max(100);

/**
 * What the composer's fields hold, whether it makes a request or not. It is kept over reloads; a field that is damaged
 * or of an older version is as in a new form.
 */
export const formSchema = z.object({
  prompt: z.string().max(maximumPromptLength).catch(""),
  negativePrompt: z.string().max(maximumPromptLength).catch(""),
  model: z.string().max(4096).catch("").describe("empty until the choices are known"),
  loras: z
    .array(z.object({ name: z.string().min(1).max(4096), scale: typed }))
    .max(16)
    .catch([]),
  device: z.string().max(200).catch(""),
  scheduler: z.string().max(64).catch("").describe("empty: the model's own"),
  size: z.enum(["model", "bucket", "free"]).catch("model"),
  width: typed.catch(""),
  height: typed.catch(""),
  outputWidth: typed.catch(""),
  outputHeight: typed.catch(""),
  steps: typed.catch(""),
  guidanceScale: typed.catch(""),
  seed: typed.catch(""),
  seedLocked: z.boolean().catch(false),
  count: typed.catch("1"),
  source: pictureFileSchema.optional().catch(undefined),
  strength: typed.catch(""),
  keepSize: z.boolean().catch(true),
  mask: pictureFileSchema.optional().catch(undefined),
  refiner: z.string().max(4096).catch(""),
  refine: z.enum(["handoff", "strength"]).catch("handoff"),
  handoff: typed.catch(""),
  refineStrength: typed.catch(""),
  tile: z.enum(["", "x", "y", "xy"]).catch(""),
  transparent: z.boolean().catch(false),
  format: imageFormatSchema.optional().catch(undefined).describe("absent: as the settings say"),
  /** Fields of a reused request that the composer has no control for. */
  more: generateRequestSchema.partial().catch({}),
});
export type Form = z.infer<typeof formSchema>;

/** A field of the form. */
export type FormField = keyof Form;

/** A form in which nothing is filled in. */
export const emptyForm: Form = formSchema.parse({});
