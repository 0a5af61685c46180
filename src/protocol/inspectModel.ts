import * as z from "zod";
import { query } from "./messageType.ts";

/** Width and height, in pixels. */
const size = z.object({ width: z.number(), height: z.number() });

const recommended = z.record(z.string(), z.unknown()).optional();

/** What a name, an absolute path, or a repository of the hub is. Asking about a repository uses the network. */
export const inspectModel = query(
  "models/inspect",
  z.strictObject({
    what: z.string().min(1).max(4096),
    revision: z.string().max(200).optional(),
    onHub: z.boolean().optional().describe("what it is on the hub, also where a model of that name is here"),
  }),
  z.discriminatedUnion("where", [
    z.object({
      where: z.literal("here"),
      path: z.string(),
      kind: z.enum(["openvino", "diffusers", "single-file", "lora"]),
      architecture: z.string().optional(),
      predictionType: z.string().optional(),
      size: size.optional(),
      sizes: z
        .array(size)
        .optional()
        .describe("aspect-ratio buckets that it draws well in, from the tallest to the widest"),
      sizeMultiple: z.number().optional().describe("width and height are multiples of it"),
      samplers: z.array(z.object({ name: z.string(), label: z.string() })).optional(),
      parameters: z.number(),
      bytes: z.number(),
      memoryBytes: z.number().optional(),
      submodels: z
        .array(
          z.object({ name: z.string(), parameters: z.number(), bytes: z.number(), precision: z.string() }),
        )
        .optional(),
      rank: z.number().optional(),
      modules: z.number().optional(),
      license: z.string().optional(),
      recommendation: recommended,
    }),
    z.object({
      where: z.literal("hub"),
      repository: z.string(),
      commit: z.string(),
      kind: z.enum(["openvino", "diffusers", "single-file", "lora"]),
      files: z.number(),
      bytes: z.number(),
      /** What drawing with it will take, and the size that goes with it, where its files tell. */
      memoryBytes: z.number().optional(),
      size: size.optional(),
      gated: z.boolean(),
      license: z.string().optional(),
      licenseLink: z.string().describe("where it can be read"),
      nonCommercial: z.boolean(),
      licenseAccepted: z.boolean().describe("whether the user has accepted it before"),
      recommendation: recommended,
    }),
  ]),
);
