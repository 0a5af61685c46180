/**
 * What went wrong, in terms a caller can act on. The command line turns `usage` and `invalid-request` into exit
 * code 2, `cancelled` into 130 and everything else into 1.
 */
export const limnerErrorCodes = [
  "usage",
  "invalid-request",
  "cancelled",
  "model-not-found",
  "model-damaged",
  "model-unsupported",
  "runtime-not-found",
  "runtime-failed",
  "not-enough-memory",
  "image-unreadable",
  "background-not-flat",
  "write-failed",
  "conversion-failed",
  "download-failed",
  "access-denied",
  "license-not-accepted",
  "host-failed",
] as const;
export type LimnerErrorCode = (typeof limnerErrorCodes)[number];

/** An error whose message is a sentence for the user: it names the value at fault and the remedy. */
export class LimnerError extends Error {
  readonly code: LimnerErrorCode;

  constructor(code: LimnerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LimnerError";
    this.code = code;
  }
}

/** The sentence of an unknown thrown value, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
