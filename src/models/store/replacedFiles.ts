import { bytesText } from "../../platform/quantityText.ts";
import { messageOf } from "../../protocol/limnerError.ts";
import { removeFiles } from "./filesRemoval.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ModelWorkHooks } from "./modelWork.ts";
import { partsOf, type StoredModel } from "./storedModel.ts";

/**
 * Deletes what a model was made of and no longer is, after the index has the new one: an older commit, by the rules of
 * a removal. A model that is ready is not failed by rests that cannot go: they are told.
 */
export async function removeReplaced(
  store: ModelStore,
  before: StoredModel | undefined,
  after: StoredModel,
  { onNote }: ModelWorkHooks,
): Promise<void> {
  if (!before) return;
  const now = partsOf(after);
  let bytes = 0;
  try {
    for (const files of partsOf(before)) {
      // Of the hub's cache single files go: those of the same commit may be others.
      const isKept =
        now.includes(files) || (files.place !== "hub" && now.some(({ folder }) => folder === files.folder));
      if (!isKept) bytes += (await removeFiles(store, files)).bytes;
    }
  } catch (error) {
    onNote?.(`Files of the older ${after.name} could not be removed: ${messageOf(error)}`);
  }
  if (bytes > 0) onNote?.(`What the older ${after.name} was made of is removed: ${bytesText(bytes)}.`);
}
