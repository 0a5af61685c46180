import { statSync } from "node:fs";
import type { Runtime } from "../openvino/runtime.ts";
import type { Execution } from "./compileProperties.ts";
import type { ModelFolder } from "./modelFolder.ts";

/** Size and time of a file, as text; of one that is missing, that it is. */
function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${file} ${stats.size} ${stats.mtimeMs}` : `${file} missing`;
}

/**
 * Tells a model's text encoders, as they are on disk now, and how they are run from all others: what they make of a
 * prompt is the same where this is.
 */
export function encoderIdentity(
  model: ModelFolder,
  runtime: Pick<Runtime, "version" | "backend">,
  { device, precision }: Execution,
): string {
  const files = model.textEncoders.flatMap(({ submodel }) => {
    const xml = model.xml(submodel);
    return [stateOf(xml), stateOf(xml.replace(/\.xml$/, ".bin"))];
  });
  return [runtime.backend, runtime.version, device, precision, ...files].join("\n");
}
