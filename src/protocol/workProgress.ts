import * as z from "zod";
import { notification } from "./messageType.ts";

/** A name that the client gives to a request that takes long; its progress carries it. Absent: no progress. */
export const workSchema = z.string().min(1).max(100).optional();

/** To the client that asked: how far a request that draws nothing has come (a download, a conversion, the set-up). */
export const workProgress = notification(
  "work/progress",
  z.strictObject({
    work: z.string(),
    sentence: z.string(),
    fraction: z.number().min(0).max(1).optional().describe("how much is done, where that is known"),
  }),
);
