import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** After so many milliseconds the command is ended. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  /** Undefined where the command could not be started, was ended by a signal, or ran out of time. */
  readonly status?: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no status: "there is no such command", "it took longer than 10 s". */
  readonly failure?: string;
}

export type RunCommand = (
  command: string,
  parameters: readonly string[],
  options?: CommandOptions,
) => Promise<CommandResult>;

/** More output than this is not kept: what is wanted of it is a line or a message. */
const longestOutput = 1024 * 1024;

/** Runs a program without a shell and waits for its end. Never rejects: what went wrong is in the result. */
export const runCommand: RunCommand = (command, parameters, options = {}) =>
  new Promise((resolve) => {
    const output = { stdout: "", stderr: "" };
    const child = spawn(command, parameters, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeout,
      signal: options.signal,
      windowsHide: true,
    });
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        output[stream] = (output[stream] + text).slice(-longestOutput);
      });
    }
    child.on("error", (error: NodeJS.ErrnoException) => {
      const failure = error.code === "ENOENT" ? "there is no such command" : error.message;
      resolve({ ...output, failure });
    });
    child.on("close", (status, signal) => {
      if (status !== null) resolve({ ...output, status });
      else if (options.timeout === undefined) resolve({ ...output, failure: `it was ended by ${signal}` });
      else resolve({ ...output, failure: `it took longer than ${options.timeout / 1000} s` });
    });
  });
