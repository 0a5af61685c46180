import { ArchitectureError } from "../architectures/architectureError.ts";
import { CheckpointError } from "../checkpoints/checkpointError.ts";
import { GraphError } from "../graph/graphError.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";

/** The error of a conversion that its caller stopped. */
export function cancelled(): LimnerError {
  return new LimnerError("cancelled", "The conversion was cancelled; nothing was left behind.");
}

/** Gives an error the code that tells a caller what to do; the sentence stays. */
export function asLimnerError(error: unknown): LimnerError {
  if (error instanceof LimnerError) return error;
  const options = { cause: error };
  if (error instanceof CheckpointError) {
    const codes = {
      damaged: "model-damaged",
      unsupported: "model-unsupported",
      missing: "model-not-found",
    } as const;
    return new LimnerError(codes[error.code], error.message, options);
  }
  if (error instanceof GraphError || error instanceof ArchitectureError)
    return new LimnerError("model-unsupported", error.message, options);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC")
    return new LimnerError("write-failed", "The disk is full. Free some space and convert again.", options);
  return new LimnerError("conversion-failed", `The conversion failed: ${messageOf(error)}`, options);
}
