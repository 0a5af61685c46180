// Installs the packages when the lock file has changed since the last install. Plain Node without
// dependencies, because it runs before there are any.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, "node_modules", ".limner-lock-hash");

/** The lock file's hash with the platform: a folder copied to another system is installed again. */
function lockHash() {
  const lock = readFileSync(join(root, "package-lock.json"));
  return createHash("sha256").update(lock).update(`${process.platform}-${process.arch}`).digest("hex");
}

/** Makes `npx limner` find the command line of this folder: npm links only what is installed as a package. */
function linkCommand() {
  const folder = join(root, "node_modules", ".bin");
  const target = join(root, "bin", "limner.mjs");
  mkdirSync(folder, { recursive: true });
  if (process.platform === "win32") {
    writeFileSync(join(folder, "limner.cmd"), `@node "${target}" %*\r\n`);
    return;
  }
  const link = join(folder, "limner");
  if (existsSync(link)) return;
  symlinkSync(join("..", "..", "bin", "limner.mjs"), link);
  chmodSync(target, 0o755);
}

/**
 * Runs `npm ci` unless the lock file is the one that was installed last. Exits the process with a sentence
 * when Node is too old or the install fails.
 * @param {{ minimum: [number, number] }} requirement the oldest Node, as [major, minor]
 */
export function ensureInstalled({ minimum }) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
    console.error(`Node ${process.versions.node} is too old: this needs Node ${minimum.join(".")} or newer.`);
    process.exit(1);
  }
  const hash = lockHash();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash) return;
  console.error("Installing packages (npm ci)…");
  const npm = process.env.npm_execpath;
  const fallback = process.platform === "win32" ? "npm.cmd" : "npm";
  const [command, args] = npm ? [process.execPath, [npm]] : [fallback, []];
  const done = spawnSync(command, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: !npm && process.platform === "win32",
  });
  if (done.status !== 0) {
    console.error(
      `npm ci failed${done.error ? `: ${done.error.message}` : ""}. Check the network and run this again.`,
    );
    process.exit(1);
  }
  linkCommand();
  writeFileSync(stampFile, hash);
}
