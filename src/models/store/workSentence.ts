import { bytesText, durationText } from "../../platform/quantityText.ts";
import type { ModelProgress } from "./modelWork.ts";

const phases = {
  fetch: "Fetching",
  convert: "Converting",
  merge: "Merging LoRAs",
  check: "Checking",
} as const;

/** How far work on a model is, in a line. */
export function workSentence({
  phase,
  bytesDone,
  bytesTotal,
  bytesPerSecond,
  secondsLeft,
}: ModelProgress): string {
  const percent = bytesTotal === 0 ? 100 : Math.floor((100 * bytesDone) / bytesTotal);
  const speed = bytesPerSecond === undefined ? "" : `, ${bytesText(bytesPerSecond)}/s`;
  const left = secondsLeft === undefined ? "" : `, ${durationText(secondsLeft)} left`;
  return `${phases[phase]}: ${percent} % (${bytesText(bytesDone)} of ${bytesText(bytesTotal)}${speed}${left})`;
}
