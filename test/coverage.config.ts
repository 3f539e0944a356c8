/**
 * Line and branch coverage of the core, by the tests that run from sources. Tests of the built programs and of other
 * processes do not count: what they run is not what is measured.
 */
import { defineConfig, mergeConfig } from "vitest/config"
import base from "./vitest.config.js"

export default mergeConfig(
  base,
  defineConfig({
    test: {
      // Counting makes everything slower.
      testTimeout: 180_000,
      exclude: ["test/cli/**", "test/cli-unit/**", "test/docs/**", "test/processes/**", "test/kill/**"],
      coverage: {
        enabled: true,
        reportOnFailure: true,
        provider: "v8",
        include: ["src/internal/**/*.ts"],
        exclude: ["**/*.d.ts"],
        reporter: ["text", "json"],
        reportsDirectory: "coverage"
      }
    }
  })
)
