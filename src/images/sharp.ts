import { createRequire } from "node:module";
import type { Sharp, SharpInput, default as SharpLibrary, SharpOptions } from "sharp";
import { loadedGlib } from "../platform/loadedGlib.ts";
import { LimnerError } from "../protocol/limnerError.ts";

export type { Metadata, Sharp } from "sharp";

let library: typeof SharpLibrary | undefined;

/**
 * Loads sharp when it is first needed, by its CommonJS entry: the other one has import attributes, which Node 20.9
 * does not know.
 * @throws LimnerError `host-failed` where the system's GLib is loaded: sharp brings its own, and the two in one process
 *   crash (sharp issues 4522 and 4525)
 */
function load(): typeof SharpLibrary {
  const glib = loadedGlib();
  if (glib) {
    throw new LimnerError(
      "host-failed",
      `This process has loaded ${glib}, which does not go together with the image library sharp. Unset LD_PRELOAD, ` +
        "or run Limner's host on a plain Node: see the setting limner.host.node.",
    );
  }
  const loaded: typeof SharpLibrary = createRequire(import.meta.url)("sharp");
  // libvips keeps up to 50 MB of what it did last. Pictures here are read once.
  loaded.cache(false);
  return loaded;
}

/** sharp. @throws LimnerError `host-failed` where it would crash */
export function sharp(input?: SharpInput, options?: SharpOptions): Sharp {
  library ??= load();
  return library(input, options);
}
