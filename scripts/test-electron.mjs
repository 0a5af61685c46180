// Runs test/electron inside a real VS Code, which @vscode/test-electron downloads (it asks VS Code's own host).
import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled, root } from "./install.mjs";

ensureInstalled({ minimum: [20, 19] });
await build();
const { runTests } = await import("@vscode/test-electron");
try {
  const code = await runTests({
    extensionDevelopmentPath: root,
    extensionTestsPath: join(root, "test", "electron", "suite", "index.cjs"),
    launchArgs: ["--disable-extensions", "--disable-workspace-trust"],
  });
  process.exit(code);
} catch (error) {
  console.error(`The tests in VS Code did not pass or could not run: ${error.message}`);
  process.exit(1);
}
