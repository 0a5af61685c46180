import type { HostState } from "../../client/hostClient.ts";
import type { Progress } from "../../protocol/progress.ts";

/** What the host is doing, as the status bar says it. */
export type Health =
  | { kind: "idle" }
  | { kind: "starting" }
  | { kind: "loading"; sentence: string }
  | { kind: "drawing"; step: number; steps: number; secondsLeft?: number }
  | { kind: "failed"; sentence: string };

/**
 * How the host is.
 * @param drawing the last report of the window's own job that draws; absent where none does
 */
export function healthOf(state: HostState, drawing: Progress | undefined): Health {
  switch (state.kind) {
    case "failed":
      return { kind: "failed", sentence: state.error.message };
    case "crashed":
      return { kind: "failed", sentence: `Limner's background host ended: ${state.reason}.` };
    case "starting":
      return { kind: "starting" };
    case "idle":
    case "ready":
      return drawing ? healthOfProgress(drawing) : { kind: "idle" };
  }
}

function healthOfProgress({ stage, step, steps, secondsLeft, detail }: Progress): Health {
  switch (stage) {
    case "load":
    case "encode":
      return { kind: "loading", sentence: detail ?? "Loading the model" };
    case "denoise":
    case "decode":
    case "write":
      return { kind: "drawing", step, steps, secondsLeft };
  }
}

/** What the status bar shows: text with icons, and what is said when the pointer rests on it. */
export interface HealthText {
  readonly text: string;
  readonly tooltip: string;
  readonly isError: boolean;
}

export function healthText(health: Health): HealthText {
  switch (health.kind) {
    case "idle":
      return { text: "$(paintcan) Limner", tooltip: "Limner is ready.", isError: false };
    case "starting":
      return {
        text: "$(loading~spin) Limner: starting",
        tooltip: "Limner's background host is starting.",
        isError: false,
      };
    case "loading":
      return {
        text: "$(loading~spin) Limner: loading a model",
        tooltip: `${health.sentence}.`,
        isError: false,
      };
    case "drawing":
      return {
        text: `$(loading~spin) Limner: drawing ${health.step}/${health.steps}`,
        tooltip: `Limner draws: step ${health.step} of ${health.steps}.`,
        isError: false,
      };
    case "failed":
      return { text: "$(error) Limner: failed", tooltip: health.sentence, isError: true };
  }
}
