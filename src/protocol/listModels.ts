import * as z from "zod";
import { query } from "./messageType.ts";
import { modelRoleSchema } from "./modelRole.ts";

const listedModelSchema = z.object({
  name: z.string(),
  type: z.enum(["model", "lora"]),
  state: z.enum(["ready", "not-converted", "missing"]),
  origin: z.enum(["built-in", "hub", "user"]),
  role: modelRoleSchema.optional().describe("absent where it is not known"),
  from: z.string().optional().describe("repository or folder"),
  weights: z.string().optional(),
  bytes: z.number(),
  sourceBytes: z.number(),
  license: z.string().optional(),
});

const catalogueModelSchema = z.object({
  name: z.string(),
  title: z.string(),
  repository: z.string(),
  kind: z.enum(["openvino", "checkpoint", "lora"]),
  role: z.enum([...modelRoleSchema.options, "few-step"]),
  nonCommercial: z.boolean().optional(),
});

const interruptedDownloadSchema = z.object({
  id: z.string().describe("by which models/remove removes it"),
  type: z.enum(["model", "lora"]),
  isRunning: z.boolean().describe("whether some process fetches it now"),
  repository: z.string(),
  commit: z.string(),
  resume: z
    .object({ what: z.string(), name: z.string().optional(), revision: z.string().optional() })
    .describe("what models/download goes on with"),
  bytes: z.number().describe("what a removal frees"),
  bytesDone: z.number(),
  bytesTotal: z.number(),
});

/** The models and LoRAs that can be used by name, those that can be fetched, and downloads that did not end. */
export const listModels = query(
  "models/list",
  z.strictObject({}),
  z.object({
    models: z.array(listedModelSchema),
    available: z.array(catalogueModelSchema),
    interrupted: z.array(interruptedDownloadSchema),
  }),
);
