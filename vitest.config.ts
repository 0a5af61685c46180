import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/electron/**", "test/code/**", "test/reference/**"],
    pool: "forks",
    // Native code prints and may crash: one fork per file, so that a crash names its file.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
