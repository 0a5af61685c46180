import { workProgress } from "../../protocol/workProgress.ts";
import type { LazyEngine } from "../lazyEngine.ts";
import { runtimeStateOf } from "../runtimeState.ts";
import type { RequestHandlers } from "../server/requestHandlers.ts";

/** Requests about OpenVINO, and those that a model answers without drawing. */
export function runtimeHandlers(engine: LazyEngine): RequestHandlers {
  return {
    runtimeStatus: async () => runtimeStateOf(await (await engine.get()).found()),
    runtimeSetup: async ({ work }, { session, signal }) => {
      const onProgress = (sentence: string) => {
        if (work !== undefined) session.notify(workProgress, { work, sentence });
      };
      return runtimeStateOf(await (await engine.get()).setup({ signal, onProgress }));
    },
    estimateImages: async (asked) => (await engine.get()).estimate(asked),
    tokenizePrompt: async ({ prompt, model, weighting }) => ({
      encoders: (await engine.get()).tokenCounts(model, prompt, weighting),
    }),
  };
}
