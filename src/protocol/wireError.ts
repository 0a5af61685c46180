import * as z from "zod";
import { generatedImageSchema } from "./generateResult.ts";
import { LimnerError, type LimnerErrorCode, limnerErrorCodes } from "./limnerError.ts";

/** Numbers of JSON-RPC, and of the Language Server Protocol where it has one. */
export const rpcErrorNumbers = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  notInitialized: -32002,
  requestFailed: -32803,
  requestCancelled: -32800,
} as const;

/** What an error carries beside its number and its sentence. */
export const errorDataSchema = z.object({
  code: z.enum(limnerErrorCodes),
  /** Of a job that failed or was cancelled: the images that were finished before, which stay. */
  images: z.array(generatedImageSchema).optional(),
});
export type ErrorData = z.infer<typeof errorDataSchema>;

/** The number that goes with a code. */
export function rpcNumberOf(code: LimnerErrorCode): number {
  switch (code) {
    case "cancelled":
      return rpcErrorNumbers.requestCancelled;
    case "usage":
    case "invalid-request":
      return rpcErrorNumbers.invalidParams;
    default:
      return rpcErrorNumbers.requestFailed;
  }
}

/** The error that an answer carries; `host-failed` where the host itself was at fault. */
export function errorFromWire(answer: { message: string; data?: unknown }): LimnerError {
  const data = errorDataSchema.safeParse(answer.data);
  return new LimnerError(data.success ? data.data.code : "host-failed", answer.message, {
    cause: data.success ? data.data : undefined,
  });
}
