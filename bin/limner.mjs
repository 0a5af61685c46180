#!/usr/bin/env node
// The command line. In a checkout it installs and builds first where that is needed; a packaged Limner carries
// its bundle and no scripts.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
if (existsSync(join(root, "scripts", "install.mjs"))) {
  const { ensureInstalled } = await import("../scripts/install.mjs");
  ensureInstalled({ minimum: [20, 9] });
  const { ensureBuilt } = await import("../scripts/build.mjs");
  await ensureBuilt();
}
await import("../dist/limner.js");
