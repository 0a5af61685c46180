import * as vscode from "vscode";
import type { LogEntry, LogLevel } from "../protocol/hostLog.ts";

/** The log that "Limner: Show Log" opens: an output channel whose level the user sets in VS Code. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel("Limner", { log: true });
}

/** Writes a line of the host's log. */
export function logOfHost(log: vscode.LogOutputChannel, { level, message, details }: LogEntry): void {
  const line = `[host] ${message}`;
  const more = details ? [details] : [];
  if (level === "warning") log.warn(line, ...more);
  else log[level](line, ...more);
}

/** What of the host's log is worth sending: what the channel shows. */
export function hostLogLevel(log: vscode.LogOutputChannel): LogLevel {
  switch (log.logLevel) {
    case vscode.LogLevel.Trace:
      return "trace";
    case vscode.LogLevel.Debug:
      return "debug";
    case vscode.LogLevel.Info:
      return "info";
    case vscode.LogLevel.Warning:
      return "warning";
    case vscode.LogLevel.Off:
    case vscode.LogLevel.Error:
      return "error";
  }
}
