/** What of the user's settings the host takes from its environment. */
export interface HostEnvironmentSettings {
  readonly backend: "auto" | "c-api" | "openvino-node";
  readonly library: string;
  readonly proxy: string;
  readonly proxyStrictSSL: boolean;
  readonly noProxy: readonly string[];
}

/**
 * The variables of the host's environment that follow from settings. What is not set stays as VS Code's own environment
 * has it.
 */
export function hostEnvironment(settings: HostEnvironmentSettings): Record<string, string> {
  const { backend, library, proxy, proxyStrictSSL, noProxy } = settings;
  return {
    ...(backend === "auto" ? {} : { LIMNER_BACKEND: backend }),
    ...(library === "" ? {} : { LIMNER_OPENVINO_LIB: library }),
    // Both spellings: programs that know both ask for the lower-case one first.
    ...(proxy === "" ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy }),
    ...(noProxy.length === 0 ? {} : { NO_PROXY: noProxy.join(","), no_proxy: noProxy.join(",") }),
    ...(proxyStrictSSL ? {} : { NODE_TLS_REJECT_UNAUTHORIZED: "0" }),
  };
}
