import { defineConfig } from "vitest/config";

// The whole count of jobs and kills; `npm test` runs a few of them.
export default defineConfig({
  test: {
    include: ["test/soak/**/*.test.ts"],
    pool: "forks",
    env: { LIMNER_SOAK: "all" },
    hookTimeout: 120_000,
  },
});
