// Installs code-server with the parts of its VS Code, playwright and the Node they need below test/code, when the lock
// file has changed since the last install. Afterwards nothing here asks the network.
import { existsSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isInstalled, noteInstalled } from "../../scripts/install.mjs";
import { npm } from "../../scripts/npm.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const vscode = join(folder, "node_modules", "code-server", "lib", "vscode");

/** The Node that runs code-server's VS Code. */
export const node = join(folder, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");

/** VS Code's server, which also installs extensions. */
export const server = join(vscode, "out", "server-main.js");

/**
 * What of VS Code must be compiled: its log, without which output channels stay empty, and what ends an extension host
 * whose server is gone. The other native modules bring their binaries, or are needed by nothing that is tested.
 */
const compiled = ["@vscode/spdlog", "@vscode/native-watchdog", "node-pty"];

/** @throws Error where this platform has no code-server, or npm fails */
export function ensureCodeInstalled() {
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) {
    throw new Error(
      "The tests in code-server run on Linux (x64, arm64). Elsewhere use npm run test:electron.",
    );
  }
  if (isInstalled(folder)) return;
  console.error("Installing code-server for the tests in VS Code (two minutes)…");
  npm(folder, ["ci", "--omit=dev"]);
  // VS Code's own lock files say what belongs to it (not to the letter: npm ci refuses them); its scripts are run for
  // what must be compiled only.
  npm(vscode, ["install", "--omit=dev"]);
  npm(join(vscode, "extensions"), ["install", "--omit=dev"]);
  npm(vscode, ["rebuild", "--ignore-scripts=false", ...compiled], {
    // node-gyp compiles for this Node, with the headers that its package brings.
    npm_config_nodedir: dirname(dirname(node)),
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
    JOBS: "max",
  });
  const command = join(vscode, "bin", "remote-cli", "code-server");
  if (!existsSync(command)) symlinkSync("code-linux.sh", command);
  noteInstalled(folder);
}
