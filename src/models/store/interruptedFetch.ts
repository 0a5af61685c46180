import * as z from "zod";
import { modelNameSchema, storedFilesSchema } from "./storedModel.ts";

/** A fetch that began and has not ended: what it was asked for, and the files that it wants. */
export const interruptedFetchSchema = z.object({
  /** As `models get` was told. */
  what: z.string().min(1).max(4096),
  name: modelNameSchema.optional(),
  revision: z.string().max(200).optional(),
  type: z.enum(["model", "lora"]),
  /** One file of the repository, where it holds several models. */
  file: z.string().max(400).optional(),
  files: storedFilesSchema.extend({
    hub: z.object({ repository: z.string(), revision: z.string(), commit: z.string() }),
  }),
});
export type InterruptedFetch = z.infer<typeof interruptedFetchSchema>;

/** What it is listed and removed by: `owner/name`, or `owner/name/file`. No model's name has a slash. */
export function fetchId({ files, file }: InterruptedFetch): string {
  return file === undefined ? files.hub.repository : `${files.hub.repository}/${file}`;
}

/** Whether two are the same fetch: of the same thing, at the same commit, into the same cache. */
export function isSameFetch(one: InterruptedFetch, other: InterruptedFetch): boolean {
  return fetchId(one) === fetchId(other) && one.files.folder === other.files.folder;
}
