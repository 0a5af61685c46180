import { LimnerError } from "../protocol/limnerError.ts";
import type { HubSettings } from "./hubSettings.ts";
import { HubStatusError } from "./hubStatusError.ts";
import { proxyFor } from "./proxy.ts";

/** The sentence where the network must not be used and the cache does not have what is wanted. */
export function offlineError(what: string): LimnerError {
  return new LimnerError(
    "download-failed",
    `${what} is not in the cache, and HF_HUB_OFFLINE forbids to fetch it. Unset HF_HUB_OFFLINE, or name another model.`,
  );
}

function gated(what: string, repository: string, { endpoint, token }: HubSettings): LimnerError {
  const signIn = token
    ? "The token of HF_TOKEN has no access to it."
    : "No token is set: create one in your account's settings and put it into HF_TOKEN.";
  return new LimnerError(
    "access-denied",
    `${what} is gated: its authors ask to accept conditions first. Open ${endpoint}/${repository}, sign in and ask for access. ${signIn}`,
  );
}

function statusSentence(error: HubStatusError, what: string, { endpoint, token }: HubSettings): string {
  const { status, reason } = error;
  if (reason === "EntryNotFound") return `${what} is not in the repository.`;
  if (reason === "RevisionNotFound") return `${what} has no such revision. Leave it out for the newest.`;
  switch (status) {
    case 401:
    case 404:
      return `${what} is not on ${new URL(endpoint).host}, or it is private. Check its name${
        token ? "" : "; for a private one, put a token that may read it into HF_TOKEN"
      }.`;
    case 403:
      return `${what} may not be read${token ? " with the token of HF_TOKEN" : " without a token: put one into HF_TOKEN"}.`;
    case 429:
      return `The hub refuses ${what} for now: too many requests (429). Try again later; what was fetched is kept.`;
    default:
      return `The hub could not give ${what} (${status}). Try again later; what was fetched is kept.`;
  }
}

function causeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === "string") return code;
  }
  return "connection";
}

/**
 * The sentence for whatever went wrong between Limner and the hub. It names neither addresses with signatures nor
 * tokens.
 * @param what was asked for: a repository, or a file of one
 */
export function hubFailure(
  error: unknown,
  what: string,
  repository: string,
  settings: HubSettings,
): LimnerError {
  if (error instanceof LimnerError) return error;
  const reported = statusOf(error);
  if (reported?.reason === "GatedRepo") return gated(what, repository, settings);
  if (reported) {
    const isDenied = [401, 403, 404].includes(reported.status) && !isMissingPart(reported);
    const code = isDenied ? "access-denied" : "download-failed";
    return new LimnerError(code, statusSentence(reported, what, settings));
  }
  const code = causeOf(error);
  if (code === "ENOSPC")
    return new LimnerError(
      "write-failed",
      `The disk of ${settings.cache} is full. Free some space and start again: what was fetched is kept.`,
    );
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new LimnerError(
      "write-failed",
      `${settings.cache} cannot be written (${code}). Set HF_HUB_CACHE.`,
    );
  const proxy = proxyFor(settings.endpoint);
  return new LimnerError(
    "download-failed",
    `${new URL(settings.endpoint).host} cannot be reached for ${what}${
      proxy ? ` through the proxy ${proxy.address}` : ""
    } (${code}). Check the network and the proxy; what was fetched is kept.`,
  );
}

/** Whether the repository can be read and lacks a file or a revision; of what may not be read the hub says nothing. */
function isMissingPart({ reason }: HubStatusError): boolean {
  return reason === "EntryNotFound" || reason === "RevisionNotFound";
}

function statusOf(error: unknown): HubStatusError | undefined {
  return error instanceof HubStatusError ? error : undefined;
}
