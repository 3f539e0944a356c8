import { defineConfig } from "vitest/config"

// One project, run from sources; only the tests of the programs use the built bundle.
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } }
  }
})
