import { spawnSync } from "node:child_process";

/**
 * Runs npm, the one that runs this script where there is one.
 * @param {string} folder where
 * @param {string[]} args the command and its options
 * @param {Record<string, string>} env added to this process's environment
 * @throws Error when it fails
 */
export function npm(folder, args, env = {}) {
  const script = process.env.npm_execpath;
  const fallback = process.platform === "win32" ? "npm.cmd" : "npm";
  const [command, first] = script ? [process.execPath, [script]] : [fallback, []];
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  // What comes later overrides: `--ignore-scripts=false` among the arguments holds.
  const done = spawnSync(command, [...first, args[0], ...quiet, ...args.slice(1)], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", 2, 2],
    shell: !script && process.platform === "win32",
  });
  if (done.status === 0) return;
  const reason = done.error ? `: ${done.error.message}` : "";
  throw new Error(`npm ${args[0]} failed in ${folder}${reason}. Check the network and run this again.`);
}
