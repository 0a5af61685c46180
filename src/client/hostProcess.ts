import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { giveWayToOthers } from "../platform/process.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { HostProgram } from "./hostProgram.ts";

/** What native code printed is kept up to so many bytes. */
const longestOutput = 1024 * 1024;

/**
 * glibc gives each thread an arena of memory and seldom takes anything back: with inference, pictures and files on a
 * dozen threads a process that runs for days would only grow. Other systems do not read it.
 */
const memoryEnvironment = { MALLOC_ARENA_MAX: "2" };

/**
 * Messages are short-lived: unbounded, V8 gives them up to 48 MB before it looks what of them is garbage, and keeps that.
 */
const engineFlags = ["--max-semi-space-size=2"];

/** A host that this client started. */
export interface HostProcess {
  /** How it ended, as part of a sentence; nothing while it runs. */
  ending(): string | undefined;
  /** Whether it ended because another host was there already. */
  wasLate(): boolean;
}

function outputFile(folder: string): string {
  return join(folder, "output.log");
}

function isLong(file: string): boolean {
  try {
    return statSync(file).size > longestOutput;
  } catch {
    return false;
  }
}

/**
 * Starts a host that outlives this process, and lets other programs go before it. What it prints goes into a file.
 * @throws LimnerError `host-failed` where there is no Node for it
 */
export async function startHost(program: HostProgram): Promise<HostProcess> {
  const { folder, script, env, idle } = program;
  const node = await program.node();
  const file = outputFile(folder);
  const output = openSync(file, isLong(file) ? "w" : "a", 0o600);
  const parameters = [
    ...engineFlags,
    script,
    "--folder",
    folder,
    ...(idle === undefined ? [] : ["--idle", String(idle)]),
  ];
  let child: ChildProcess;
  try {
    child = spawn(node.path, parameters, {
      // A folder that is removed or unmounted must not be in use.
      cwd: folder,
      env: { ...memoryEnvironment, ...env, ...node.env },
      stdio: ["ignore", output, output],
      detached: true,
      windowsHide: true,
    });
  } finally {
    closeSync(output);
  }
  if (child.pid !== undefined) giveWayToOthers(child.pid);
  let failure: string | undefined;
  child.on("error", ({ message }) => {
    failure = `${node.path} could not be started: ${message}`;
  });
  child.unref();
  return {
    ending() {
      if (failure !== undefined) return failure;
      if (child.signalCode !== null) return `it was ended by ${child.signalCode}`;
      return child.exitCode === null ? undefined : `it ended with code ${child.exitCode}`;
    },
    wasLate: () => child.exitCode === 0,
  };
}

/** The last lines that a host printed, for an error's sentence. */
function lastOutput(folder: string): string {
  try {
    return readFileSync(outputFile(folder), "utf8").trim().split("\n").slice(-3).join(" / ");
  } catch {
    return "";
  }
}

/** The error of a host that did not come up. */
export function startFailure(folder: string, reason: string): LimnerError {
  const said = lastOutput(folder);
  return new LimnerError(
    "host-failed",
    `Limner's background host did not start: ${reason}.${said && ` It said: ${said}.`} Its logs are in ${folder}.`,
  );
}
