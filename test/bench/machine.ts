/** What the figures were measured on: without that they say little. */
import { spawnSync } from "node:child_process"
import * as os from "node:os"
import type { Machine } from "./report/Results.js"

/** `ext4`, `tmpfs`, … or `unknown`. */
const fileSystemOf = (directory: string): string => {
  const { status, stdout } = spawnSync("df", ["--output=fstype", directory], { encoding: "utf8" })
  return status === 0 ? (stdout.trim().split("\n").at(-1) ?? "unknown") : "unknown"
}

export const describeMachine = (directory: string): Omit<Machine, "loadAfter"> => ({
  processor: os.cpus()[0]?.model.trim() ?? "unknown",
  cores: os.cpus().length,
  memoryGibibytes: Math.round(os.totalmem() / 2 ** 30),
  system: `${os.type()} ${os.release()} ${os.arch()}`,
  node: process.version,
  fileSystem: fileSystemOf(directory),
  loadBefore: os.loadavg()[0] ?? 0
})
