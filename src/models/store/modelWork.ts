import type { WeightFormat } from "../../convert/conversion.ts";
import type { LicenseFacts } from "../../protocol/licenseSentence.ts";
import type { MemoryNeed } from "../memoryNeed.ts";

/** How far work on a model is. */
export interface ModelProgress {
  readonly phase: "fetch" | "convert" | "merge" | "check";
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
}

/** The license of a repository, as it is shown before anything large is fetched. */
export interface LicenseQuestion extends LicenseFacts {
  /** What is fetched, in bytes. */
  readonly bytes: number;
  /** What drawing with it will take; absent for LoRAs, and where its files do not tell. */
  readonly memory?: MemoryNeed;
}

/** How a caller follows work on a model, stops it, and answers for the user. */
export interface ModelWorkHooks {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ModelProgress) => void;
  /** A sentence worth showing. */
  readonly onNote?: (sentence: string) => void;
  /** Asked once for each license. Where it is absent, a license counts as not accepted. */
  readonly acceptLicense?: (question: LicenseQuestion) => Promise<boolean>;
}

/** How a checkpoint becomes a model. */
export interface ConversionWishes {
  /** int8 where it is not given. */
  readonly weights?: WeightFormat;
  readonly groupSize?: number;
}
