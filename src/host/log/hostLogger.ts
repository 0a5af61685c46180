import { type LogEntry, type LogLevel, logLevels } from "../../protocol/hostLog.ts";
import type { RotatingFile } from "./rotatingFile.ts";

/** What an entry is about. */
export type LogDetails = LogEntry["details"];

/** The host's log: every entry goes to the file and to whoever listens. */
export class HostLogger {
  readonly #file: RotatingFile;
  readonly #listeners = new Set<(entry: LogEntry) => void>();

  constructor(file: RotatingFile) {
    this.#file = file;
  }

  debug(message: string, details?: LogDetails): void {
    this.#log("debug", message, details);
  }

  info(message: string, details?: LogDetails): void {
    this.#log("info", message, details);
  }

  warning(message: string, details?: LogDetails): void {
    this.#log("warning", message, details);
  }

  error(message: string, details?: LogDetails): void {
    this.#log("error", message, details);
  }

  #log(level: LogLevel, message: string, details?: LogDetails): void {
    const entry: LogEntry = { time: new Date().toISOString(), level, message, details };
    const more = Object.entries(details ?? {}).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
    // One entry, one line, whatever a message contains.
    const text = message.replaceAll(/[\r\n]+/g, " / ");
    this.#file.write(`${entry.time} ${level.padEnd(7)} ${text}${more.join("")}`);
    for (const listener of this.#listeners) listener(entry);
  }

  /**
   * @param from the level of the first entries that are wanted; more talkative ones are left out
   * @returns ends it
   */
  listen(from: LogLevel, listener: (entry: LogEntry) => void): () => void {
    const least = logLevels.indexOf(from);
    const filtered = (entry: LogEntry) => {
      if (logLevels.indexOf(entry.level) >= least) listener(entry);
    };
    this.#listeners.add(filtered);
    return () => this.#listeners.delete(filtered);
  }
}
