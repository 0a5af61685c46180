import { catalogue } from "../../models/catalogue.ts";
import { getModel } from "../../models/store/getModel.ts";
import { hubAccess } from "../../models/store/hubAccess.ts";
import { importModel } from "../../models/store/importModel.ts";
import { type Inspection, inspectAny } from "../../models/store/inspectAny.ts";
import { isAccepted, licenseQuestion } from "../../models/store/licenses.ts";
import { listInterrupted } from "../../models/store/listInterrupted.ts";
import { listModels } from "../../models/store/listModels.ts";
import { ModelStore } from "../../models/store/modelStore.ts";
import type { ModelWorkHooks } from "../../models/store/modelWork.ts";
import { removeModel } from "../../models/store/removeModel.ts";
import { repairModel } from "../../models/store/repairModel.ts";
import { convertStored } from "../../models/store/storedConversion.ts";
import type { StoredModel } from "../../models/store/storedModel.ts";
import { verifyModel } from "../../models/store/verifyModel.ts";
import { workSentence } from "../../models/store/workSentence.ts";
import type { inspectModel } from "../../protocol/inspectModel.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { ResultOf } from "../../protocol/messageType.ts";
import type { StoredModelSummary } from "../../protocol/modelWork.ts";
import { workProgress } from "../../protocol/workProgress.ts";
import type { Session } from "../server/session.ts";
import type { ModelHandlers } from "./modelRequests.ts";

/** What a request that takes long has: where its progress goes, and what stops it. */
interface Asking {
  readonly session: Session;
  readonly signal: AbortSignal;
}

function hooksFor(
  work: string | undefined,
  { session, signal }: Asking,
  acceptLicense = false,
): ModelWorkHooks {
  const tell = (sentence: string, fraction?: number) => {
    if (work !== undefined) session.notify(workProgress, { work, sentence, fraction });
  };
  return {
    signal,
    onNote: (sentence) => tell(sentence),
    onProgress: (progress) =>
      tell(workSentence(progress), Math.min(1, progress.bytesDone / Math.max(1, progress.bytesTotal))),
    acceptLicense: async () => acceptLicense,
  };
}

/** Runs work on a model; what its client stopped ends as cancelled. */
async function cancellable<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (signal.aborted)
      throw new LimnerError("cancelled", "Cancelled. What was fetched is kept for the next time.");
    throw error;
  }
}

function summary({ name, type, drawable, license, weights }: StoredModel): StoredModelSummary {
  return { name, type, ready: type === "lora" || drawable !== undefined, license, weights };
}

function inspectionResult(
  store: ModelStore,
  inspection: Inspection,
  endpoint: string,
): ResultOf<typeof inspectModel> {
  if (inspection.where === "here") {
    const { submodels, sizes, samplers, ...model } = inspection.model;
    return {
      where: "here",
      ...model,
      ...(submodels ? { submodels: [...submodels] } : {}),
      ...(sizes ? { sizes: [...sizes] } : {}),
      ...(samplers ? { samplers: [...samplers] } : {}),
    };
  }
  const { repository, kind, bytes, recommendation, memory } = inspection.found;
  const question = licenseQuestion(repository, bytes, endpoint);
  return {
    where: "hub",
    repository: repository.repository,
    commit: repository.commit,
    kind: kind.kind,
    files: kind.files.length,
    bytes,
    ...memory,
    gated: repository.gated,
    license: question.license,
    licenseLink: question.licenseLink,
    nonCommercial: question.nonCommercial,
    licenseAccepted: isAccepted(store, question),
    recommendation,
  };
}

/** Requests about models. */
export function modelHandlers(store: ModelStore = new ModelStore()): ModelHandlers {
  return {
    listModels: async () => ({
      models: await listModels(store),
      available: [...catalogue()],
      interrupted: await listInterrupted(store),
    }),
    inspectModel: async ({ what, revision, onHub }, { session, signal }) =>
      cancellable(signal, async () => {
        const settings = hubAccess(session.hubToken);
        const found = await inspectAny(store, what, { revision, onHub, signal, settings });
        return inspectionResult(store, found, settings.endpoint);
      }),
    downloadModel: async ({ work, acceptLicense, ...request }, asking) =>
      cancellable(asking.signal, async () =>
        summary(
          await getModel(
            store,
            request,
            hooksFor(work, asking, acceptLicense),
            hubAccess(asking.session.hubToken),
          ),
        ),
      ),
    importModel: async ({ work, ...request }, asking) =>
      cancellable(asking.signal, async () =>
        summary(await importModel(store, request, hooksFor(work, asking))),
      ),
    convertModel: async ({ work, name, ...wishes }, asking) =>
      cancellable(asking.signal, async () =>
        summary(await convertStored(store, name, wishes, hooksFor(work, asking))),
      ),
    verifyModel: async ({ work, name, repair = false }, asking) =>
      cancellable(asking.signal, async () => {
        const hooks = hooksFor(work, asking);
        const found = await verifyModel(store, name, hooks);
        const isRepaired = repair && found.problems.length > 0;
        if (isRepaired) await repairModel(store, found, hooks, hubAccess(asking.session.hubToken));
        const { problems, ...rest } = isRepaired ? await verifyModel(store, name, hooks) : found;
        return { ...rest, problems: [...problems] };
      }),
    removeModel: async ({ name, part }) => {
      const { kept, ...rest } = await removeModel(store, name, part);
      return { ...rest, kept: [...kept] };
    },
  };
}
