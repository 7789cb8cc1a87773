import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Tests that take longer than a contributor waits for. Each file says in its first line why it is long. */
const LONG = "test/**/*.long.test.ts";

/** For what hangs, not for what is slow: a machine three times as busy keeps these limits too. */
const shared = {
  // Runs of tests are marked as made by an installation of their own.
  env: { NBEVOLVE_STATE: join(import.meta.dirname, "node_modules", ".cache", "nbevolve-state") },
  setupFiles: "test/support/watch-loop.ts",
  pool: "forks",
  testTimeout: 600_000,
  hookTimeout: 600_000,
} as const;

export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    maxWorkers: 2,
    projects: [
      { test: { ...shared, name: "short", include: ["test/**/*.test.ts"], exclude: [LONG] } },
      { test: { ...shared, name: "long", include: [LONG] } },
    ],
  },
});
