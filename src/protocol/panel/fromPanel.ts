import * as z from "zod";
import { generateRequestSchema, maximumPromptLength } from "../generateRequest.ts";
import { jobIdSchema } from "../job.ts";
import { absolutePathSchema } from "../paths.ts";
import { fromGallerySchemas } from "./gallery.ts";
import { remedyCommandSchema } from "./panelJob.ts";
import { pictureBytesSchema, pictureTypeSchema } from "./picture.ts";
import { promptFieldSchema } from "./promptField.ts";
import { imageFormatSchema } from "./toPanel.ts";

/** The largest batch: each of its images is a job of its own. */
export const maximumBatch = 100;

const model = z.string().min(1).max(4096);

/** What the panel asks of the extension. */
export const fromPanelSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ready") }),
  z.strictObject({
    kind: z.literal("generate"),
    request: generateRequestSchema.extend({ count: z.int().min(1).max(maximumBatch).optional() }),
    format: imageFormatSchema,
  }),
  z.strictObject({ kind: z.literal("describeModel"), model }),
  z.strictObject({
    kind: z.literal("tokenize"),
    field: promptFieldSchema,
    prompt: z.string().max(maximumPromptLength),
    model,
  }),
  z.strictObject({ kind: z.literal("cancel"), job: jobIdSchema }),
  z.strictObject({ kind: z.literal("move"), job: jobIdSchema, position: z.int().min(0).max(10_000) }),
  z.strictObject({
    kind: z.literal("dismiss"),
    job: jobIdSchema.optional().describe("absent: all that ended"),
  }),
  z.strictObject({ kind: z.literal("pickSource") }),
  z.strictObject({
    kind: z.literal("takeSource"),
    name: z.string().max(1000),
    mimeType: pictureTypeSchema,
    bytes: pictureBytesSchema,
  }),
  z.strictObject({
    kind: z.literal("dropFiles"),
    uris: z.array(z.string().max(8192)).min(1).max(100),
  }),
  z.strictObject({ kind: z.literal("keepMask"), bytes: pictureBytesSchema.describe("PNG") }),
  z.strictObject({
    kind: z.literal("showPictures"),
    source: absolutePathSchema.optional().describe("of the composer that was kept over a reload"),
    mask: absolutePathSchema.optional(),
  }),
  z.strictObject({ kind: z.literal("openImage"), file: absolutePathSchema }),
  z.strictObject({ kind: z.literal("reuse"), file: absolutePathSchema }),
  z.strictObject({ kind: z.literal("useAsSource"), file: absolutePathSchema }),
  z.strictObject({ kind: z.literal("remedy"), command: remedyCommandSchema }),
  ...fromGallerySchemas,
]);
export type FromPanel = z.infer<typeof fromPanelSchema>;
