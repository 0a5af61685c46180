import * as z from "zod";
import { generateRequestSchema, maximumPromptLength } from "../generateRequest.ts";
import { jobIdSchema } from "../job.ts";
import { previewSchema } from "../jobProgress.ts";
import { absolutePathSchema } from "../paths.ts";
import { toGallerySchemas } from "./gallery.ts";
import { panelFailureSchema, panelJobSchema } from "./panelJob.ts";
import { modelChoiceSchema, modelFactsSchema } from "./panelModel.ts";
import { pictureBytesSchema, pictureFileSchema, pictureTypeSchema } from "./picture.ts";
import { promptFieldSchema } from "./promptField.ts";

/** The formats that images are written in. */
export const imageFormatSchema = z.enum(["png", "jpg", "webp", "avif"]);
export type ImageFormat = z.infer<typeof imageFormatSchema>;

/** What the extension tells the panel. */
export const toPanelSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("choices"),
    models: z.array(modelChoiceSchema).max(10_000),
    loras: z.array(z.string().min(1).max(4096)).max(10_000),
    devices: z.array(z.strictObject({ name: z.string().max(200), fullName: z.string().max(1000) })).max(100),
    model: z.string().min(1).max(4096).describe("the one that the settings name"),
    device: z.string().min(1).max(200).describe("the same"),
    format: imageFormatSchema.describe("the same"),
  }),
  z.strictObject({ kind: z.literal("model"), facts: modelFactsSchema }),
  z.strictObject({
    kind: z.literal("tokens"),
    field: promptFieldSchema,
    prompt: z.string().max(maximumPromptLength).describe("what was counted"),
    tokens: z.int().min(0),
    limit: z.int().min(0).describe("how many are read at once"),
    chunks: z.int().min(0),
  }),
  z.strictObject({ kind: z.literal("jobs"), jobs: z.array(panelJobSchema).max(10_000) }),
  z.strictObject({
    kind: z.literal("progress"),
    job: jobIdSchema,
    text: z.string().max(1000),
    fraction: z.number().min(0).max(1),
    preview: previewSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal("thumbnail"),
    file: absolutePathSchema,
    mimeType: z.enum(["image/webp", "image/png", "image/jpeg"]),
    data: z.string().max(4_000_000).describe("base64"),
  }),
  z.strictObject({
    kind: z.literal("compose"),
    request: generateRequestSchema.partial(),
    mask: z.boolean().describe("whether the mask brush is to be at hand"),
  }),
  z.strictObject({
    kind: z.literal("source"),
    picture: pictureFileSchema,
    mimeType: pictureTypeSchema,
    bytes: pictureBytesSchema,
  }),
  z.strictObject({
    kind: z.literal("mask"),
    picture: pictureFileSchema,
    bytes: pictureBytesSchema.optional().describe("absent where the panel has painted it itself"),
  }),
  z.strictObject({ kind: z.literal("lost"), what: z.enum(["source", "mask"]) }),
  z.strictObject({ kind: z.literal("failure"), failure: panelFailureSchema }),
  ...toGallerySchemas,
]);
export type ToPanel = z.infer<typeof toPanelSchema>;
