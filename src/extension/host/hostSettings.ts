/** The settings that a running host does not heed: it is started with them. */
export const hostSettings = [
  "limner.host.node",
  "limner.runtime.backend",
  "limner.runtime.library",
  "http.proxy",
  "http.proxyStrictSSL",
  "http.noProxy",
] as const;
