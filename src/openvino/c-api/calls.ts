import koffi from "koffi";
import type { LimnerErrorCode } from "../../protocol/limnerError.ts";
import { callFailure } from "../failure.ts";
import type { Library, LongCall } from "./library.ts";
import type { Handle, HandleOut } from "./types.ts";

/** `INFER_CANCELLED` of `ov_status_e`. */
export const cancelledStatus = -13;

/** `INVALID_C_PARAM`: the C library itself refused. From here down a failure has no message of its own. */
export const refusedStatus = -14;

/** The functions that report a status. */
export type CallName = {
  [Name in keyof Library]: Library[Name] extends (...parameters: never[]) => number ? Name : never;
}[keyof Library];

/** What a failed call means to a person. */
export interface Meaning {
  /** What OpenVINO could not do: "compile unet/openvino_model.xml". */
  readonly doing: string;
  readonly code?: LimnerErrorCode;
  readonly remedy?: string;
}

/** Throws unless the status is 0. The message is read at once: the next failure, of any call, replaces it. */
export function check(library: Library, status: number, call: CallName, meaning: Meaning): void {
  if (status === 0) return;
  const { code = "runtime-failed", doing, remedy } = meaning;
  throw callFailure(code, doing, call, lastMessage(library, status), remedy);
}

function lastMessage(library: Library, status: number): string {
  const message = status <= refusedStatus ? null : library.ov_get_last_err_msg();
  const text = message === null ? "" : takeText(library, message);
  return text.trim() === "" ? `${library.ov_get_error_info(status)}, status ${status}` : text;
}

/** Copies a text that OpenVINO allocated, and frees it. */
export function takeText(library: Library, address: Handle): string {
  try {
    return koffi.decode.string(address);
  } finally {
    library.ov_free(address);
  }
}

/** Runs a call on one of koffi's threads and resolves to its status. */
export function onThread<Arguments extends unknown[]>(
  call: LongCall<Arguments>,
  ...parameters: Arguments
): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...parameters, (error, status) => (error == null ? resolve(status) : reject(error)));
  });
}

/** The address that a successful call returned. */
export function handleOf(result: HandleOut): Handle {
  const [handle] = result;
  if (handle === null) throw new Error("OpenVINO reported success but returned nothing");
  return handle;
}
