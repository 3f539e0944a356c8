import { defineConfig } from "vitest/config"

// One project, run from sources; only the tests of the programs use the built bundle.
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    // Many times what the slowest takes alone: a busy machine is no failure, a test that hangs is one all the same.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    retry: 0,
    pool: "forks",
    // One more than the cores of a small machine: much of the time is spent waiting for other processes.
    poolOptions: { forks: { maxForks: 3 } }
  }
})
