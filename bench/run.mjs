// Runs a benchmark written in TypeScript: node bench/run.mjs bench/convert/synthesize.ts [arguments…]
import { runTypeScript } from "../scripts/typescript.mjs";

const [script, ...args] = process.argv.slice(2);
if (!script) {
  console.error("Usage: node bench/run.mjs SCRIPT.ts [arguments…]");
  process.exit(2);
}
await runTypeScript(script, args);
