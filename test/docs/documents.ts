/**
 * What is documentation here, and a place to try it: every Markdown page that is written by hand, and every example of a
 * docstring. `docs/api` is made from the docstrings and is not read again.
 */
import * as fs from "node:fs"
import * as path from "node:path"

export const root = path.resolve(import.meta.dirname, "../..")

const filesBelow = (directory: string, isWanted: (file: string) => boolean): Array<string> =>
  fs
    .readdirSync(path.join(root, directory), { recursive: true, encoding: "utf8" })
    .map((name) => path.posix.join(directory, name))
    .filter(isWanted)
    .sort()

/** Paths from the root of the project. */
export const documents: ReadonlyArray<string> = [
  "README.md",
  ...filesBelow("docs", (file) => file.endsWith(".md") && !file.startsWith("docs/api/"))
]

/** The sources that have public docstrings. */
export const sources: ReadonlyArray<string> = ["src", "layers", "http", "binding"].flatMap((room) =>
  filesBelow(room, (file) => file.endsWith(".ts") && !file.includes("/internal/"))
)

/** A directory in which `pls` and `plasmite` are those of the build. */
export const makeBin = (directory: string): string => {
  const bin = path.join(directory, "bin")
  fs.mkdirSync(bin)
  for (const name of ["pls", "plasmite"]) {
    const program = path.join(root, "dist/bin", `${name}.cjs`)
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`, { mode: 0o755 })
  }
  return bin
}
