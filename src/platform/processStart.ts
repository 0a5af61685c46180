import { readFile } from "node:fs/promises";

/**
 * When a process started, as its system counts: with it a number that was given anew is told from the old one.
 * Undefined where the system does not say (only Linux does, in `/proc`).
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field, the command, is in parentheses and may hold anything; the start is the 22nd.
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}
