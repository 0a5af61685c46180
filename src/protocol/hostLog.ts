import * as z from "zod";
import { notification } from "./messageType.ts";

/** Levels of the log, the most talkative first. */
export const logLevels = ["trace", "debug", "info", "warning", "error"] as const;
export const logLevelSchema = z.enum(logLevels);
export type LogLevel = z.infer<typeof logLevelSchema>;

/** A line of the log. */
export const logEntrySchema = z.strictObject({
  time: z.string().describe("ISO 8601"),
  level: logLevelSchema,
  message: z.string(),
  /** What it is about: a job, a model, a duration. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;

/** To every client, of the level it asked for and above. */
export const hostLog = notification("host/log", logEntrySchema);
