// `npm run package -- --target T`: builds the VSIX of a platform from packaging/.
import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled, root } from "./install.mjs";
import { runTypeScript } from "./typescript.mjs";

ensureInstalled({ minimum: [20, 19] });
process.chdir(root);
await build();
await runTypeScript(join(root, "packaging", "main.ts"), process.argv.slice(2));
