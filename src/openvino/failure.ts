import { basename, dirname, join } from "node:path";
import { LimnerError, type LimnerErrorCode } from "../protocol/limnerError.ts";

/** More of OpenVINO's message than this helps nobody in a sentence. */
const longestMessage = 600;

/** What of OpenVINO's message is for people: without the lines that name its own source files. */
export function plainMessage(message: string): string {
  const lines = message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^Exception from \S+:\d+:$/.test(line))
    .filter((line) => !/^Check '.*' failed at \S+:\d+:?$/.test(line));
  const text = (lines.length > 0 ? lines.join(" ") : message.trim()).replace(/[\s.]+$/, "");
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}

/** A model's name in a sentence: its file with the folder that tells a UNet from a VAE, `unet/openvino_model.xml`. */
export function modelName(xml: string): string {
  return join(basename(dirname(xml)), basename(xml));
}

/** The failure of a call: `OpenVINO could not compile unet/openvino_model.xml: … (ov_core_compile_model_props).` */
export function callFailure(
  code: LimnerErrorCode,
  doing: string,
  call: string,
  message: string,
  remedy = "",
): LimnerError {
  return new LimnerError(
    code,
    `OpenVINO could not ${doing}: ${plainMessage(message)} (${call}).${remedy === "" ? "" : ` ${remedy}`}`,
  );
}

/** What an aborted call rejects with. */
export function cancelled(): LimnerError {
  return new LimnerError("cancelled", "Cancelled.");
}
