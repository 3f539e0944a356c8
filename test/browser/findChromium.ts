// Which browser drives these tests: the system's Chromium. Where there is none the tests are left out, unless somebody
// counts on them.
import { accessSync, constants } from "node:fs"
import * as path from "node:path"

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `PLASMITE_CHROMIUM`, or the first of the usual names on the path. */
export const chromiumPath = ((): string | undefined => {
  const named = process.env["PLASMITE_CHROMIUM"]
  if (named !== undefined && named !== "") return named
  const directories = (process.env["PATH"] ?? "").split(path.delimiter).filter((directory) => directory !== "")
  return directories.flatMap((directory) => names.map((name) => path.join(directory, name))).find(isExecutable)
})()

/** Without a browser that is a failure, not a reason to leave the tests out. */
export const isRequired = (process.env["PLASMITE_REQUIRE_BROWSER"] ?? "") !== ""
