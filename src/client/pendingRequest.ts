import type { GeneratedImage } from "../protocol/generateResult.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { RequestType } from "../protocol/messageType.ts";
import type { HostConnection } from "./hostConnection.ts";

/** A drawing under way, as far as the client was told. */
export interface JobNews {
  readonly job: string;
  readonly prompt: string;
  readonly wanted: number;
  /** Whether the host has said that it began. */
  hasBegun: boolean;
  readonly images: GeneratedImage[];
}

/** A request that has no answer yet. */
export interface PendingRequest {
  readonly type: RequestType;
  readonly params: unknown;
  readonly signal: AbortSignal | undefined;
  readonly news: JobNews | undefined;
  /** The host that was asked. */
  sentTo: HostConnection | undefined;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Whether a request can be sent to another host without doing anything twice. */
export function canBeRepeated({ type, news }: PendingRequest): boolean {
  return type.repeatable || news?.hasBegun === false;
}

/** The error of a request that went down with its host. */
export function lossOf({ type, news }: PendingRequest, reason: string): LimnerError {
  if (!news) {
    return new LimnerError(
      "host-failed",
      `Limner's background host ended during ${type.method}: ${reason}. What was done is not known: look before you ask again.`,
    );
  }
  const finished = news.images.length;
  const kept =
    finished === 0
      ? "No image was finished."
      : `${finished} of ${news.wanted} images ${finished === 1 ? "was" : "were"} finished and kept.`;
  return new LimnerError(
    "host-failed",
    `Limner's background host ended while it drew "${news.prompt.slice(0, 80)}": ${reason}. ${kept} Ask again for the rest.`,
    { cause: { images: news.images } },
  );
}
