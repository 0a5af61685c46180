import * as z from "zod";
import { notification } from "./messageType.ts";

/** To a client that has listed its images: there are others now. */
export const imagesChanged = notification("images/changed", z.strictObject({}));
