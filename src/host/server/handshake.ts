import { createHash, timingSafeEqual } from "node:crypto";
import { initialize } from "../../protocol/initialize.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { ParamsOf, ResultOf } from "../../protocol/messageType.ts";
import { validated } from "./dispatcher.ts";

/** What the host says of itself. */
export type HostFacts = ResultOf<typeof initialize>;

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/**
 * Checks what a client shows first.
 * @throws LimnerError `invalid-request` for a wrong token, `host-failed` for another version
 */
export function checkClient(
  params: unknown,
  token: string,
  { version }: HostFacts,
): ParamsOf<typeof initialize> {
  const shown = validated(initialize, params);
  if (!isSame(shown.token, token)) {
    throw new LimnerError("invalid-request", "The token is not this host's: read it from the host's folder.");
  }
  if (shown.version !== version) {
    throw new LimnerError(
      "host-failed",
      `This host is of Limner ${version}, the client of ${shown.version}: it needs a host of its own.`,
    );
  }
  return shown;
}
