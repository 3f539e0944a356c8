/**
 * Loads a bundle with V8's code cache: compiling it anew would cost more than most commands take. The cache lives in
 * the user's cache directory, is written after a run that had none, and is only ever an optimisation: every failure to
 * read or write it is ignored. Its name holds all that must match, since V8 itself compares little.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync
} from "node:fs"
import { createRequire } from "node:module"
import { dirname, isAbsolute, join } from "node:path"
import { Script } from "node:vm"

/** What Node gives a module. The bundler wrapped the file in a function of these. */
type ModuleFunction = (
  exports: unknown,
  require: NodeJS.Require,
  module: { readonly exports: unknown },
  filename: string,
  dirname: string
) => void

/**
 * The exports of a bundle. `use` says what it is loaded for: a cache holds the functions that the run which wrote it
 * had called, and each use calls others. So only a run that ends well, and that `wasTypical`, may write it.
 */
export const loadCached = <Exports>(file: string, use: string, wasTypical: () => boolean = () => true): Exports => {
  // ASCII, by the bundler's promise.
  const source = readFileSync(file, "latin1")
  const cacheFile = cachePath(statSync(file), use)
  const cachedData = cacheFile === undefined ? undefined : readIfThere(cacheFile)
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) })
  if (cacheFile !== undefined && (cachedData === undefined || script.cachedDataRejected === true)) {
    process.once("exit", (code) => {
      if (code === 0 && wasTypical()) writeCache(cacheFile, script.createCachedData())
    })
  }
  const module = { exports: {} as Exports }
  const load = script.runInThisContext() as ModuleFunction
  load(module.exports, createRequire(file), module, file, dirname(file))
  return module.exports
}

const cachePath = ({ mtimeMs, size }: Stats, use: string): string | undefined => {
  const home = process.env["HOME"]
  const base = process.env["XDG_CACHE_HOME"] || (home && join(home, ".cache"))
  if (!base || !isAbsolute(base)) return undefined
  const key = [use, process.versions.v8, process.arch, size, Math.round(mtimeMs)].join("-")
  return join(base, "effect-plasmite", `${key}.bin`)
}

const readIfThere = (cacheFile: string): Buffer | undefined => {
  try {
    return readFileSync(cacheFile)
  } catch {
    return undefined
  }
}

const dayMillis = 24 * 3600 * 1000

/** Whole or not at all, and never more than a few caches of older builds beside it. */
const writeCache = (cacheFile: string, data: Buffer): void => {
  try {
    const directory = dirname(cacheFile)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const temporary = `${cacheFile}.${process.pid}`
    writeFileSync(temporary, data, { mode: 0o600 })
    renameSync(temporary, cacheFile)
    for (const old of readdirSync(directory)) {
      const oldFile = join(directory, old)
      if (oldFile !== cacheFile && Date.now() - statSync(oldFile).mtimeMs > dayMillis) unlinkSync(oldFile)
    }
  } catch {
    // Next time, then.
  }
}
