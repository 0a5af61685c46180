import { LimnerError } from "../protocol/limnerError.ts";
import { HubStatusError } from "./hubStatusError.ts";
import type { ProxyAddress } from "./proxy.ts";

/** The status that a proxy itself answered with; the HTTP client tells it in words only. */
function statusOf(error: unknown): number | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const match = /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(cause.message);
    if (match) return Number(match[1]);
  }
  return undefined;
}

/**
 * What a proxy said where it opens no way: the sentence of a refusal, or a status that may pass. Undefined where it is
 * none of the proxy's.
 */
export function proxyRefusal(
  error: unknown,
  { address, authorization }: ProxyAddress,
  url: string,
): LimnerError | HubStatusError | undefined {
  const status = statusOf(error);
  if (status === undefined) return undefined;
  if (status >= 500) return new HubStatusError(status, { get: () => null });
  const { host } = new URL(url);
  if (status !== 407)
    return new LimnerError(
      "download-failed",
      `The proxy ${address} lets nobody through to ${host} (${status}). Ask who runs it, or put ${host} into NO_PROXY.`,
    );
  return new LimnerError(
    "download-failed",
    authorization
      ? `The proxy ${address} does not take the name and password that HTTPS_PROXY has (407). Correct them.`
      : `The proxy ${address} asks for a name and a password (407). Put them into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT.`,
  );
}
