// Runs a benchmark in a real VS Code: node bench/code/run.mjs bench/code/extensionHost.ts [arguments…]. It runs on the
// Node that test/code installs, which reads TypeScript, with Limner packaged first.
import { spawnSync } from "node:child_process";
import { ensureInstalled } from "../../scripts/install.mjs";
import { ensurePackaged } from "../../scripts/packaged.mjs";
import { ensureCodeInstalled, node } from "../../test/code/install.mjs";

const args = process.argv.slice(2);
if (args.length === 0) {
  console.error("Usage: node bench/code/run.mjs SCRIPT.ts [arguments…]");
  process.exit(2);
}
ensureInstalled({ minimum: [20, 19] });
ensureCodeInstalled();
await ensurePackaged();
process.exit(spawnSync(node, args, { stdio: "inherit" }).status ?? 1);
