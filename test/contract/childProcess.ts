/**
 * Real processes for tests: what a dead process leaves behind, and what one process sees of another, only real ones
 * can show. The child program is bundled from the sources, so it is never older than they are.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Esbuild from "esbuild"
import * as ChildProcess from "node:child_process"
import * as FileSystem from "node:fs"
import * as Os from "node:os"
import * as Readline from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"

export interface Child {
  readonly pid: number
  /** The next line it says; fails when it ends first. */
  readonly nextLine: Effect.Effect<string>
  readonly send: (line: string) => void
  readonly kill: Effect.Effect<void>
  /** When it has ended: with which status, or by which signal. */
  readonly ended: Effect.Effect<number | string>
}

export interface ChildOptions {
  readonly storage?: "file" | "mmap"
  /** False hides koffi from the child. */
  readonly native?: boolean
  /** Bytes (a multiple of 1024) that a file may have. */
  readonly fileLimitBytes?: number
}

const nodeModules = fileURLToPath(new URL("../../node_modules", import.meta.url))
const bundleDirectory = FileSystem.mkdtempSync(`${Os.tmpdir()}/plasmite-child-`)
const bundle = `${bundleDirectory}/child.mjs`
afterAll(() => FileSystem.rmSync(bundleDirectory, { recursive: true, force: true }))

const bundled = Effect.runSync(
  Effect.cached(
    Effect.sync(() => {
      Esbuild.buildSync({
        entryPoints: [fileURLToPath(new URL("child.ts", import.meta.url))],
        outfile: bundle,
        bundle: true,
        platform: "node",
        format: "esm",
        external: ["koffi"]
      })
    })
  )
)

/** Starts a child that plays a part of `child.ts`; it is killed when the scope ends. */
export const startChild = (
  part: string,
  args: ReadonlyArray<string | number>,
  options: ChildOptions = {}
): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.zipRight(
    bundled,
    Effect.acquireRelease(
      Effect.sync(() => spawn(part, args.map(String), options)),
      (child) => child.kill
    )
  )

const spawn = (part: string, args: ReadonlyArray<string>, options: ChildOptions): Child => {
  const { fileLimitBytes, native = true, storage = "mmap" } = options
  const node = [process.execPath, bundle, part, storage, ...args]
  const command =
    fileLimitBytes === undefined
      ? node
      : ["/bin/bash", "-c", `ulimit -f ${fileLimitBytes / 1024} && exec "$@"`, "bash", ...node]
  const child = ChildProcess.spawn(command[0]!, command.slice(1), {
    env: { ...process.env, NODE_PATH: native ? nodeModules : "/nowhere" },
    stdio: ["pipe", "pipe", "inherit"]
  })
  const ended = new Promise<number | string>((resolve) => {
    child.on("exit", (status, signal) => resolve(signal ?? status ?? 0))
  })
  const lines = Readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid!,
    nextLine: Effect.promise(() => lines.next()).pipe(
      Effect.flatMap((line) => (line.done === true ? Effect.dieMessage("the child ended") : Effect.succeed(line.value)))
    ),
    send: (line) => void child.stdin.write(`${line}\n`),
    kill: Effect.promise(() => {
      child.kill("SIGKILL")
      return ended
    }),
    ended: Effect.promise(() => ended)
  }
}
