import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/upstream/*.upstream.ts"],
    testTimeout: 120_000,
    retry: 0,
    pool: "forks",
    poolOptions: { forks: { singleFork: true } }
  }
})
