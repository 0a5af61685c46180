import type { ConversionProgress } from "../convert/conversion.ts";
import { durationText, gigabytes } from "../platform/quantityText.ts";

/** How far a conversion is, in a line. */
export function conversionSentence({ bytesDone, bytesTotal, secondsLeft }: ConversionProgress): string {
  const percent = bytesTotal === 0 ? 100 : Math.floor((100 * bytesDone) / bytesTotal);
  const left = secondsLeft === undefined ? "" : `, ${durationText(secondsLeft)} left`;
  return `Converting: ${percent} % (${gigabytes(bytesDone)} of ${gigabytes(bytesTotal)} GB${left})`;
}
