import { LimnerError, type LimnerErrorCode, messageOf } from "../protocol/limnerError.ts";
import type { CommandName } from "./commandNames.ts";

/** What a notification offers to do about a failure. */
export interface Remedy {
  readonly title: string;
  readonly command: CommandName;
}

/** How a failure is told. */
export type Failure =
  | { kind: "silent" }
  /** The user can do something about it: the sentence pops up. */
  | { kind: "shown"; sentence: string; remedy?: Remedy }
  /** A mistake of Limner's: it goes to the log, and a short notice leads there. */
  | { kind: "logged"; sentence: string; details: string };

const remedies: Readonly<Partial<Record<LimnerErrorCode, Remedy>>> = {
  "runtime-not-found": { title: "Set Up Runtime", command: "limner.setUpRuntime" },
  "runtime-failed": { title: "Set Up Runtime", command: "limner.setUpRuntime" },
  "model-not-found": { title: "Select Model", command: "limner.selectModel" },
  "model-damaged": { title: "Select Model", command: "limner.selectModel" },
  "model-unsupported": { title: "Select Model", command: "limner.selectModel" },
  "not-enough-memory": { title: "Select Model", command: "limner.selectModel" },
  "access-denied": { title: "Set Hub Token…", command: "limner.setHubToken" },
  "download-failed": { title: "Try Again…", command: "limner.getModel" },
  "host-failed": { title: "Restart Host", command: "limner.restartHost" },
};

const showLog: Remedy = { title: "Show Log", command: "limner.showLog" };

/** What is offered to do about a failure: its own remedy, else the log. */
export function remedyOf(failure: Exclude<Failure, { kind: "silent" }>): Remedy {
  return (failure.kind === "shown" && failure.remedy) || showLog;
}

/** How to tell of an error. */
export function failureOf(error: unknown): Failure {
  if (error instanceof LimnerError) {
    if (error.code === "cancelled") return { kind: "silent" };
    return { kind: "shown", sentence: error.message, remedy: remedies[error.code] };
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "logged", sentence: `Something went wrong in Limner: ${messageOf(error)}`, details };
}
