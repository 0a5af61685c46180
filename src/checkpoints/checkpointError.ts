/** Why a checkpoint cannot be used: its bytes are wrong, it is of a kind that is not read, or it is not there. */
export type CheckpointErrorCode = "damaged" | "unsupported" | "missing";

/** An error whose message is a sentence for the user: it names the file, the value at fault and the remedy. */
export class CheckpointError extends Error {
  readonly code: CheckpointErrorCode;

  constructor(code: CheckpointErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CheckpointError";
    this.code = code;
  }
}
