/**
 * Directories of their own for tests of real files, and a way to be refused: the tests may run as root, whom no
 * permission stops, so they become somebody else for a moment.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as FileSystem from "node:fs"
import * as Os from "node:os"

/** A new directory that everybody may enter, removed with the scope. */
export const newDirectory: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const directory = FileSystem.realpathSync(FileSystem.mkdtempSync(`${Os.tmpdir()}/plasmite-contract-`))
    FileSystem.chmodSync(directory, 0o755)
    return directory
  }),
  (directory) => Effect.sync(() => FileSystem.rmSync(directory, { recursive: true, force: true }))
)

const nobody = 65534

/** Runs it as a user whom permissions stop. */
export const unprivileged = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  process.geteuid?.() !== 0
    ? effect
    : Effect.acquireUseRelease(
        Effect.sync(() => process.seteuid!(nobody)),
        () => effect,
        () => Effect.sync(() => process.seteuid!(0))
      )

/** How many files and directories this process watches; `undefined` where the system does not tell. */
export const watchCount = (): number | undefined => {
  if (Os.platform() !== "linux") return undefined
  const descriptors = FileSystem.readdirSync("/proc/self/fdinfo")
  const reports = descriptors.map((descriptor) => readIfThere(`/proc/self/fdinfo/${descriptor}`))
  return reports.join("\n").match(/^inotify wd:/gm)?.length ?? 0
}

/** How many descriptors this process has on a file, and how many maps of it. */
export const openCounts = (path: string): { readonly descriptors: number; readonly maps: number } => {
  const links = FileSystem.readdirSync("/proc/self/fd").map((descriptor) => linkIfThere(`/proc/self/fd/${descriptor}`))
  const maps = FileSystem.readFileSync("/proc/self/maps", "utf8").split("\n")
  return {
    descriptors: links.filter((link) => link === path).length,
    maps: maps.filter((line) => line.endsWith(path)).length
  }
}

const readIfThere = (path: string): string => {
  try {
    return FileSystem.readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

const linkIfThere = (path: string): string => {
  try {
    return FileSystem.readlinkSync(path)
  } catch {
    return ""
  }
}
