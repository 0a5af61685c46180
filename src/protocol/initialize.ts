import * as z from "zod";
import { logLevelSchema } from "./hostLog.ts";
import { query } from "./messageType.ts";
import { rootsSchema } from "./paths.ts";

/**
 * The first request of every connection: it shows the token, without which the connection is closed, and says which
 * folders the client may have files written to. A host of another version refuses it.
 */
export const initialize = query(
  "initialize",
  z.strictObject({
    version: z.string().max(100).describe("Limner's version, which has to be the host's"),
    token: z.string().max(200),
    client: z.strictObject({
      name: z
        .string()
        .min(1)
        .max(100)
        .describe("who connects, for the log: limner generate, Visual Studio Code"),
      pid: z.int().min(0),
    }),
    roots: rootsSchema.describe("folders below which this client may have files written"),
    hubToken: z
      .string()
      .regex(/^[\x21-\x7e]{1,4096}$/)
      .optional()
      .describe(
        "what this client reads Hugging Face's hub with; never logged (default: the host's HF_TOKEN)",
      ),
    logLevel: logLevelSchema.optional().describe("what of the host's log to send (default: info)"),
  }),
  z.strictObject({
    version: z.string(),
    pid: z.int(),
    /** Where the host keeps its logs. */
    folder: z.string(),
    node: z.string().describe("version of the Node it runs on"),
  }),
);
