import { createInterface } from "node:readline/promises";

/** Where a question is asked. */
export interface Asking {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  /** Told of Ctrl+C, which a terminal hands to whoever reads it instead of to the process. */
  readonly onInterrupt?: () => void;
}

/** Asks a question; an end of the input and everything but "y" and "yes" is a no. @throws the signal's reason */
export async function askYesNo(
  question: string,
  { input, output, signal, onInterrupt = () => process.emit("SIGINT") }: Asking,
): Promise<boolean> {
  const terminal = createInterface({ input, output, terminal: true });
  terminal.on("SIGINT", onInterrupt);
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `, { signal }), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
