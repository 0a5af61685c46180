import { defineConfig } from "vitest/config";

// The whole run of damaged inputs; `npm test` runs a sample of it.
export default defineConfig({
  test: { include: ["test/fuzz/**/*.test.ts"], pool: "forks", env: { LIMNER_FUZZ: "all" } },
});
