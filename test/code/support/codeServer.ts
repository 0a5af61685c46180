import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { node, server } from "../install.mjs";
import { runMark } from "./processes.ts";

/** What keeps VS Code quiet: no welcome page, no chat, no offers, no telemetry. */
const settings = {
  // What a test looks for is in one line.
  "[markdown]": { "editor.wordWrap": "off" },
  "chat.disableAIFeatures": true,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.menuBarVisibility": "hidden",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

const startTimeout = 120_000;

/** A running VS Code server with folders of its own, and what to open in the browser. */
export interface CodeServer {
  /** `http://localhost:PORT`: webviews need a secure context, which 127.0.0.1 is not. */
  readonly url: string;
  /** The server's name of a path: `vscode-remote://localhost:PORT/…`. */
  remote(path: string): string;
  /** The folder that the tests open; empty at the start. */
  readonly workspace: string;
  /** Where extensions are installed. */
  readonly extensions: string;
  /** The home folder that everything of this server sees; empty at the start. */
  readonly home: string;
  stop(): Promise<void>;
}

/**
 * Starts VS Code's server with an empty home, an empty workspace and no extensions but those it is given.
 * @param options.vsix a package that is installed first, as a user installs it
 * @param options.env added to the environment of the server, and so of the extension host
 * @param options.settings added to the user's settings
 */
export async function startCodeServer(
  options: {
    readonly vsix?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly settings?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<CodeServer> {
  const root = mkdtempSync(join(tmpdir(), "limner-code-"));
  const folder = (...parts: string[]) => {
    const path = join(root, ...parts);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const [data, extensions, home, workspace] = ["data", "extensions", "home", "workspace"].map((name) =>
    folder(name),
  ) as [string, string, string, string];
  const text = JSON.stringify({ ...settings, ...options.settings });
  for (const place of ["User", "Machine"]) {
    writeFileSync(join(folder("data", "data", place), "settings.json"), text);
  }
  const folders = ["--server-data-dir", data, "--extensions-dir", extensions];
  const env = environment(home, options.env);
  if (options.vsix !== undefined) install(options.vsix, folders, env);

  const child = spawn(
    node,
    [
      ...[server, "--host", "127.0.0.1", "--port", "0", "--without-connection-token", ...folders],
      ...["--accept-server-license-terms", "--telemetry-level", "off", "--disable-workspace-trust"],
      // Without it the server ignores what the address says about the tests to run.
      "--enable-smoke-test-driver",
    ],
    { env, stdio: ["ignore", "pipe", "pipe"] },
  );
  const port = await portOf(child);
  return {
    url: `http://localhost:${port}`,
    remote: (path) => `vscode-remote://localhost:${port}${path}`,
    workspace,
    extensions,
    home,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        const forced = setTimeout(() => child.kill("SIGKILL"), 10_000);
        await once(child, "exit");
        clearTimeout(forced);
      }
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** This process's environment without what would lead to anything outside the home given. */
function environment(home: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(LIMNER_|XDG_|VSCODE_|npm_)/.test(name));
  return { ...Object.fromEntries(kept), HOME: home, ...runMark, ...more };
}

function install(vsix: string, folders: readonly string[], env: NodeJS.ProcessEnv): void {
  const run = spawnSync(node, [server, "--install-extension", vsix, ...folders], { env, encoding: "utf8" });
  if (run.status !== 0 || !/successfully installed/.test(run.stdout)) {
    throw new Error(`${vsix} could not be installed:\n${run.stdout}${run.stderr}`);
  }
}

/** The port that the server says it listens on. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = "";
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`VS Code's server did not start in ${startTimeout / 1000} s:\n${output}`));
    }, startTimeout);
    const listen = (text: string) => {
      output = (output + text).slice(-20_000);
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(late);
      resolve(Number(port));
    };
    child.stdout?.setEncoding("utf8").on("data", listen);
    child.stderr?.setEncoding("utf8").on("data", listen);
    child.on("error", reject);
    child.on("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`VS Code's server ended with ${code}:\n${output}`));
    });
  });
}
