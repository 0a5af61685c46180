import * as z from "zod";

/**
 * An absolute path of POSIX or Windows. The host has a working folder of its own, so that a relative path in a message
 * would mean another file than it did to the client.
 */
export const absolutePathSchema = z
  .string()
  .max(4096)
  .regex(/^(\/|[A-Za-z]:[\\/]|\\\\)/, "it takes an absolute path")
  .refine((path) => !path.includes("\0"), "a path has no NUL character");

/** Folders below which a client may have files written. */
export const rootsSchema = z.array(absolutePathSchema).max(1000);
