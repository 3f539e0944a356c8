/**
 * Upstream, from within and from without. Its library is measured by a small Rust program that is built when it is
 * first needed; its command by running it. Both only if `PLASMITE_UPSTREAM_BIN` says that somebody wants that.
 */
import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import * as readline from "node:readline"
import type { Absence } from "../Entry.js"
import { kept, stopped } from "../processes.js"

const root = path.resolve(import.meta.dirname, "../../../..")
const crate = path.join(root, "test/bench/upstream")
const target = path.join(root, ".cache/upstream-bench")
const program = path.join(target, "release/upstream-bench")

const named = process.env["PLASMITE_UPSTREAM_BIN"] || undefined

/** Its program, if it is named and there. */
export const upstreamCommand = (): string | undefined =>
  named !== undefined && fs.existsSync(named) ? named : undefined

/** Nanoseconds for each of so many operations. */
export interface Upstream {
  readonly append: (count: number) => Promise<number>
  readonly flush: (count: number) => Promise<number>
  readonly get: (count: number) => Promise<number>
  readonly tail: (count: number) => Promise<number>
  readonly close: () => Promise<void>
}

/** Builds the program, unless it is there and newer than its source. The reason if that cannot be. */
export const buildUpstream = (): string | undefined => {
  if (named === undefined) return "PLASMITE_UPSTREAM_BIN is not set"
  if (upstreamCommand() === undefined) return `${named} is not there`
  const builtAt = fs.statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (builtAt > fs.statSync(path.join(crate, "src/main.rs")).mtimeMs) return undefined
  process.stderr.write("building a program on upstream's library; once, it takes some minutes\n")
  const env = { ...process.env, CARGO_TARGET_DIR: target }
  const built = spawnSync("cargo", ["build", "--release", "--quiet"], { cwd: crate, env, encoding: "utf8" })
  if (built.error !== undefined) return `cargo is not there (${built.error.message})`
  return built.status === 0 ? undefined : `its library could not be built: ${built.stderr.trim().split("\n").at(-1)}`
}

export const openUpstream = async (directory: string): Promise<Upstream> => {
  const child = kept(
    spawn(program, [path.join(directory, "upstream.plasmite")], { stdio: ["pipe", "pipe", "inherit"] })
  )
  const answers = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (operation: string, count: number): Promise<number> => {
    child.stdin.write(`${operation} ${count}\n`)
    const { done, value } = await answers.next()
    if (done === true) throw new Error(`upstream-bench ended at ${operation} ${count}`)
    return Number(value)
  }
  return {
    append: (count) => ask("append", count),
    flush: (count) => ask("flush", count),
    get: (count) => ask("get", count),
    tail: (count) => ask("tail", count),
    close: () => {
      child.stdin.end()
      return stopped(child)
    }
  }
}

/** For entries in which upstream is one yardstick among others. */
export const upstreamIfAny = async (
  directory: string
): Promise<{ readonly upstream?: Upstream; readonly absent: ReadonlyArray<Absence> }> => {
  const reason = buildUpstream()
  return reason === undefined
    ? { upstream: await openUpstream(directory), absent: [] }
    : { absent: [{ name: "upstream 0.8 (Rust)", reason }] }
}
