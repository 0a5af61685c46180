import * as z from "zod";
import { notification } from "./messageType.ts";
import { rootsSchema } from "./paths.ts";

/** From a client: its folders have changed. Jobs that were asked for before keep theirs. */
export const rootsChanged = notification("client/rootsChanged", z.strictObject({ roots: rootsSchema }));
