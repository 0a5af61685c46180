import type { PanelJob } from "../../src/protocol/panel/panelJob.ts";

/** Where a job is among those of this window that wait, as the host counts them. */
export interface WaitingPlace {
  /** 0 is the next. */
  readonly position: number;
  readonly isLast: boolean;
}

/** The place of a job that waits; nothing for any other. */
export function waitingPlace(jobs: readonly PanelJob[], job: string): WaitingPlace | undefined {
  const waiting = jobs.filter(({ own, state }) => own && state === "waiting");
  const position = waiting.findIndex((one) => one.job === job);
  return position < 0 ? undefined : { position, isLast: position === waiting.length - 1 };
}
