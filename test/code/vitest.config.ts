import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The tests in a real VS Code, one after the other: each starts a server and a browser. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/code/**/*.test.ts"],
    globalSetup: "test/code/globalSetup.ts",
    pool: "forks",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
