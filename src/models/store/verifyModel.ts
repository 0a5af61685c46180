import { checkFiles, type FileProblem } from "./checksums.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ModelWorkHooks } from "./modelWork.ts";
import { bytesOf, partsOf } from "./storedModel.ts";

/** What a check found. */
export interface Verification {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly FileProblem[];
}

/** Reads all files of a model again and compares their checksums. @throws LimnerError `model-not-found` */
export async function verifyModel(
  store: ModelStore,
  name: string,
  { signal, onProgress }: ModelWorkHooks = {},
): Promise<Verification> {
  const model = store.get(name);
  const parts = partsOf(model);
  const bytesTotal = parts.reduce((sum, files) => sum + bytesOf(files), 0);
  const problems: FileProblem[] = [];
  let before = 0;
  for (const files of parts) {
    const report = (done: number) => onProgress?.({ phase: "check", bytesDone: before + done, bytesTotal });
    problems.push(...(await checkFiles(files, { signal, onProgress: report })));
    before += bytesOf(files);
  }
  const files = parts.reduce((sum, part) => sum + part.files.length, 0);
  return { name: model.name, files, bytes: bytesTotal, problems };
}
