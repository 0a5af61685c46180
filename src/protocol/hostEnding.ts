import * as z from "zod";
import { notification } from "./messageType.ts";

/** To every client: the host is about to end because someone asked for it, which is no crash. */
export const hostEnding = notification("host/ending", z.strictObject({ reason: z.string() }));
