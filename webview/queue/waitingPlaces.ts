import type { PanelJob } from "../../src/protocol/panel/panelJob.ts";

/** Where a job is among those of this window that wait, as the host counts them. */
export interface WaitingPlace {
  /** 0 is the next. */
  readonly position: number;
  readonly isLast: boolean;
}

/** The places of the jobs that wait, by the jobs' names. */
export function waitingPlaces(jobs: readonly PanelJob[]): ReadonlyMap<string, WaitingPlace> {
  const waiting = jobs.filter(({ own, state }) => own && state === "waiting");
  return new Map(
    waiting.map(({ job }, position) => [job, { position, isLast: position === waiting.length - 1 }]),
  );
}
