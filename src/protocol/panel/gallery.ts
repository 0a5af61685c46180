import * as z from "zod";
import { maximumPromptLength } from "../generateRequest.ts";
import { listedImageSchema } from "../listImages.ts";
import { absolutePathSchema } from "../paths.ts";
import { pictureBytesSchema, pictureTypeSchema } from "./picture.ts";

/** The gallery shows the newest images, at most so many. */
export const largestGallery = 10_000;

/** So many images are told of at once. */
export const galleryPage = 1000;

/** So many are asked for where none is known yet: more than a screen shows. */
export const firstGalleryPage = 60;

/** An image of the gallery. */
export const galleryImageSchema = listedImageSchema.extend({
  file: absolutePathSchema,
  path: z.string().max(4096).describe("what the user knows it by: its path in the workspace"),
  prompt: z.string().max(maximumPromptLength),
  model: z.string().max(4096).optional(),
});
export type GalleryImage = z.infer<typeof galleryImageSchema>;

/** One of two images that are compared. */
export const comparedImageSchema = z.strictObject({
  path: z.string().max(4096),
  mimeType: pictureTypeSchema,
  bytes: pictureBytesSchema,
});

/** What can be done with one image of the gallery. */
export const galleryActionSchema = z.enum([
  "open",
  "reveal",
  "insert",
  "saveAs",
  "useAsSource",
  "reuse",
  "selectForCompare",
  "compareWithSelected",
  "compareWithSource",
  "delete",
]);
export type GalleryAction = z.infer<typeof galleryActionSchema>;

/** What the panel asks for its gallery. */
export const fromGallerySchemas = [
  z.strictObject({
    kind: z.literal("showThumbnails"),
    files: z
      .array(absolutePathSchema)
      .max(1000)
      .describe("those that are in view; what was asked for before and is not among them is not needed"),
  }),
  z.strictObject({ kind: z.literal("galleryAction"), action: galleryActionSchema, file: absolutePathSchema }),
  z.strictObject({ kind: z.literal("openFolder") }),
] as const;

/** What the panel is told for its gallery. */
export const toGallerySchemas = [
  z.strictObject({
    kind: z.literal("gallery"),
    isNew: z.boolean().describe("whether what was told before no longer counts"),
    images: z.array(galleryImageSchema).max(galleryPage).describe("those that are new or have changed"),
    gone: z.array(absolutePathSchema).max(largestGallery),
    total: z.int().min(0).optional().describe("how many the workspace has; absent until that is known"),
    isComplete: z.boolean().describe("whether all were told of"),
    hasFolder: z.boolean().describe("whether there is a folder to look in"),
  }),
  z.strictObject({
    kind: z.literal("galleryThumbnail"),
    file: absolutePathSchema,
    modified: z.number().describe("of the image that it shows"),
    picture: z
      .strictObject({
        mimeType: z.enum(["image/webp", "image/png", "image/jpeg"]),
        data: z.string().max(4_000_000).describe("base64"),
      })
      .optional()
      .describe("absent where the file cannot be shown"),
  }),
  z.strictObject({
    kind: z.literal("selectedForCompare"),
    file: absolutePathSchema.optional().describe("absent: none is any more"),
  }),
  z.strictObject({ kind: z.literal("comparison"), left: comparedImageSchema, right: comparedImageSchema }),
] as const;
