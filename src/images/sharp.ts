import { createRequire } from "node:module";
import type { default as Sharp } from "sharp";

export type { Metadata, Sharp } from "sharp";

/** sharp, by its CommonJS entry: the other one has import attributes, which Node 20.9 does not know. */
export const sharp: typeof Sharp = createRequire(import.meta.url)("sharp");

// libvips keeps up to 50 MB of what it did last. Pictures here are read once.
sharp.cache(false);
