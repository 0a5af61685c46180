// Installs the packages when the lock file has changed since the last install. Plain Node without
// dependencies, because it runs before there are any.
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { npm } from "./npm.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = (folder) => join(folder, "node_modules", ".limner-lock-hash");

/** The lock file's hash with the platform: a folder copied to another system is installed again. */
function lockHash(folder) {
  const lock = readFileSync(join(folder, "package-lock.json"));
  return createHash("sha256").update(lock).update(`${process.platform}-${process.arch}`).digest("hex");
}

/** Whether the packages of a folder are those of its lock file. */
export function isInstalled(folder) {
  const stamp = stampFile(folder);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash(folder);
}

/** Notes that the packages of a folder are those of its lock file. */
export function noteInstalled(folder) {
  writeFileSync(stampFile(folder), lockHash(folder));
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
  if (isInstalled(root)) return;
  console.error("Installing packages (npm ci)…");
  try {
    npm(root, ["ci"]);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
  linkCommand();
  noteInstalled(root);
}
