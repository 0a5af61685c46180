import type { ModelHandlers } from "./modelRequests.ts";

/**
 * Requests about models, whose handlers are loaded with the first of them: the converter and the hub take longer to
 * load than a client should wait for its first answer.
 */
export function lazyModelHandlers(): ModelHandlers {
  let loaded: Promise<ModelHandlers> | undefined;
  const handlers = () => {
    loaded ??= import("./modelHandlers.ts").then(({ modelHandlers }) => modelHandlers());
    return loaded;
  };
  return {
    listModels: async (params, asking) => (await handlers()).listModels(params, asking),
    inspectModel: async (params, asking) => (await handlers()).inspectModel(params, asking),
    downloadModel: async (params, asking) => (await handlers()).downloadModel(params, asking),
    importModel: async (params, asking) => (await handlers()).importModel(params, asking),
    convertModel: async (params, asking) => (await handlers()).convertModel(params, asking),
    verifyModel: async (params, asking) => (await handlers()).verifyModel(params, asking),
    removeModel: async (params, asking) => (await handlers()).removeModel(params, asking),
  };
}
