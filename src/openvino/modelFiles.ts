import { access, constants } from "node:fs/promises";
import { LimnerError } from "../protocol/limnerError.ts";
import type { ModelFiles } from "./runtime.ts";

/**
 * The two files of an IR, both there and readable. The `.bin` is absent where it is not named and there is none
 * beside the `.xml`: a model without constants has none.
 * @throws LimnerError("model-damaged")
 */
export async function presentFiles(model: ModelFiles): Promise<ModelFiles> {
  await mustBeReadable(model.xml);
  if (model.bin !== undefined) {
    await mustBeReadable(model.bin);
    return model;
  }
  const neighbor = model.xml.replace(/\.xml$/i, ".bin");
  const found = neighbor !== model.xml && (await isReadable(neighbor));
  return { xml: model.xml, bin: found ? neighbor : undefined };
}

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function mustBeReadable(file: string): Promise<void> {
  if (!(await isReadable(file))) {
    throw new LimnerError(
      "model-damaged",
      `The model file ${file} is missing or cannot be read. Get the model again, or give the folder that holds it.`,
    );
  }
}

/** What to do about an IR that cannot be read; says so where its weights are missing altogether. */
export function damagedRemedy(model: ModelFiles): string {
  const again = "Get the model again, or convert it again.";
  return model.bin === undefined ? `There is no .bin beside ${model.xml}. ${again}` : again;
}
