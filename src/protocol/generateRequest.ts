import * as z from "zod";
import { pointSchema, sizeSchema } from "./size.ts";

/** The longest prompt that is accepted, in UTF-16 code units: far beyond what any encoder reads. */
export const maximumPromptLength = 20_000;

const prompt = z.string().max(maximumPromptLength);

const fraction = z.number().min(0).max(1);

/**
 * One generation request: the command line parses into it, the host validates with it and its JSON Schema is what
 * other tools take. Names and meanings are those of diffusers' SDXL pipelines in camelCase. A field that is absent
 * takes the model's own recommendation where it has one, else the default named in its description.
 */
export const generateRequestSchema = z.strictObject({
  prompt: prompt.describe("what to draw; an empty string is a valid prompt"),
  prompt2: prompt.optional().describe("prompt of the second text encoder (default: the prompt)"),
  negativePrompt: prompt.optional().describe("what to keep away from; absent and empty differ"),
  negativePrompt2: prompt
    .optional()
    .describe("negative prompt of the second text encoder (default: the negative prompt)"),
  model: z
    .string()
    .min(1)
    .optional()
    .describe("model name or folder (default: limner-tiny, the model in the box)"),
  size: sizeSchema.optional().describe("size of the picture in pixels (default: the model's own)"),
  steps: z.int().min(1).max(1000).optional().describe("denoising steps (default: the model's own, else 50)"),
  guidanceScale: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe(
      "how closely to follow the prompt; 1 and below turn guidance off (default: the model's own, else 5)",
    ),
  seed: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe("seed of the first image; image k of a batch takes seed + k (default: random, printed)"),
  count: z.int().min(1).max(1000).optional().describe("number of images (default: 1)"),
  scheduler: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe("sampler (default: the one in the model's folder)"),
  sigmas: z
    .enum(["default", "karras", "exponential", "beta"])
    .optional()
    .describe("how the noise levels of the steps are spread (default: as the model's folder says)"),
  sigmasList: z
    .array(z.number().min(0).max(1e5))
    .min(2)
    .max(1001)
    .optional()
    .describe("falling noise levels of one's own, one more than there are steps; the last is usually 0"),
  timestepSpacing: z
    .enum(["leading", "trailing", "linspace"])
    .optional()
    .describe("how the steps are spread over the training steps (default: as the model's folder says)"),
  eta: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("how much fresh noise the ddim and tcd samplers add at each step, 0 to 1 (default: 0)"),
  images: z
    .array(z.string().min(1))
    .min(1)
    .max(100)
    .optional()
    .describe("picture to begin with (image to image); may be repeated, each picture is drawn --count times"),
  strength: fraction
    .optional()
    .describe("how much of a picture is drawn anew, 0 to 1 (default: 0.3, within a mask 0.9999)"),
  fit: z
    .enum(["cover", "contain", "stretch"])
    .optional()
    .describe("how a picture comes to another size (default: cover)"),
  keepSize: z.boolean().optional().describe("bring the result back to the picture's own size"),
  mask: z.string().min(1).optional().describe("picture whose white pixels are painted anew (inpainting)"),
  grow: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe("enlarge the picture by this many pixels on every side and paint the new border (outpainting)"),
  maskBlur: z.number().min(0).max(256).optional().describe("softens the mask's edge, in pixels (default: 0)"),
  maskCrop: z
    .int()
    .min(0)
    .max(4096)
    .optional()
    .describe(
      "draw only the masked area, with this much of the picture around it, in pixels, and put it back",
    ),
  keepOriginal: z
    .boolean()
    .optional()
    .describe(
      "on leaves every pixel where the blurred mask is black as it was; off is as diffusers does (default: on)",
    ),
  refiner: z.string().min(1).optional().describe("refiner model that finishes what the model has drawn"),
  handoff: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe("fraction of the steps after which the refiner takes over (default with a refiner: 0.8)"),
  refineStrength: fraction
    .optional()
    .describe("refine the finished picture with this strength instead (default with an image: 0.3)"),
  aestheticScore: z
    .number()
    .min(0)
    .max(10)
    .optional()
    .describe("how beautiful the refiner is told the picture is (default: 6)"),
  negativeAestheticScore: z
    .number()
    .min(0)
    .max(10)
    .optional()
    .describe("the same for the negative prompt (default: 2.5)"),
  originalSize: sizeSchema.optional().describe("size the model is told the picture had (default: its size)"),
  cropsCoordsTopLeft: pointSchema.optional().describe("crop the model is told about (default: 0,0)"),
  targetSize: sizeSchema.optional().describe("size the model is told to aim at (default: its size)"),
  negativeOriginalSize: sizeSchema
    .optional()
    .describe("original size for the negative prompt; needs the negative target size too"),
  negativeCropsCoordsTopLeft: pointSchema
    .optional()
    .describe("crop for the negative prompt (default: 0,0); needs both negative sizes"),
  negativeTargetSize: sizeSchema
    .optional()
    .describe("target size for the negative prompt; needs the negative original size too"),
  guidanceRescale: fraction
    .optional()
    .describe("how much of the contrast that guidance adds is taken back, 0 to 1 (default: 0)"),
  guidanceRange: z
    .tuple([fraction, fraction])
    .refine(([from, to]) => from < to, "the first number must be below the second")
    .optional()
    .describe("the part of the steps that guidance acts on, from 0 to 1 (default: 0,1)"),
  clipSkip: z
    .int()
    .min(0)
    .max(64)
    .optional()
    .describe("layers of the text encoders to skip for the prompt, in diffusers' counting (default: 0)"),
  longPrompts: z
    .enum(["chunk", "cut"])
    .optional()
    .describe("chunk reads prompts of any length; cut drops what is beyond 77 tokens (default: chunk)"),
  weighting: z
    .enum(["on", "off"])
    .optional()
    .describe("on reads (word), [word] and (word:1.3) as weights; off reads brackets as text (default: on)"),
  embeddings: z
    .array(z.string().min(1))
    .max(100)
    .optional()
    .describe("file of a textual-inversion embedding, named in prompts by its file name; may be repeated"),
  tile: z
    .enum(["x", "y", "xy"])
    .optional()
    .describe("seamless texture: the picture continues at its opposite edge along these axes"),
  variationSeed: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(
      "vary the picture of the seed: seed of the noise that is mixed in; image k of a batch keeps the seed and takes " +
        "this + k (default with a variation strength: random)",
    ),
  variationStrength: fraction
    .optional()
    .describe("how far a variation goes, 0 to 1 (default with a variation seed: 0.1)"),
  upscale: z
    .number()
    .min(1.5)
    .max(4)
    .optional()
    .describe(
      "enlarge the finished picture by this factor, 1.5 to 4, and draw detail into it; with an image and no strength, " +
        "the image itself is enlarged",
    ),
  upscaleStrength: fraction
    .optional()
    .describe(
      "how much of an enlarged picture is drawn anew, 0 to 1 (default: 0.3, with the model in the box 0.1)",
    ),
  outputSize: sizeSchema
    .optional()
    .describe("bring the result to exactly these pixels; --fit says how (default: as drawn)"),
  transparent: z
    .boolean()
    .optional()
    .describe("remove the flat background that is connected to the border; needs PNG, WebP or AVIF"),
  loras: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(4096),
        scale: z.number().min(-10).max(10).optional(),
      }),
    )
    .max(16)
    .optional()
    .describe(
      "LoRA to apply, by its name or file; <lora:NAME:SCALE> in the prompt does the same; may be repeated",
    ),
  precision: z
    .enum(["auto", "f32"])
    .optional()
    .describe("auto takes the device's fastest; f32 computes every step in full float32 (default: auto)"),
  device: z
    .string()
    .regex(
      /^[A-Z]+(\.\d+)?(:[A-Z0-9.,]+)?$/,
      "it takes an OpenVINO device such as CPU, GPU, GPU.1, NPU or AUTO",
    )
    .optional()
    .describe("OpenVINO device: CPU, GPU, NPU or AUTO (default: CPU)"),
});

/** A validated generation request. */
export type GenerateRequest = z.infer<typeof generateRequestSchema>;

/** Axes along which a picture continues at its opposite edge. */
export type TileAxes = NonNullable<GenerateRequest["tile"]>;

/** The name of a field of the request. */
export type GenerateField = keyof GenerateRequest;

/** The line of help of a field. */
export function helpOf(field: GenerateField): string {
  return generateRequestSchema.shape[field].description ?? "";
}

/** The request as JSON Schema (draft 2020-12), for whoever does not read TypeScript. */
export function generateRequestJsonSchema(): object {
  return z.toJSONSchema(generateRequestSchema);
}
