// Runs the bundle with V8's code cache: compiling it anew would cost more than most commands take. The cache lives in
// the user's cache directory, is written after a run that had none, and is only ever an optimisation: every failure
// to read or write it is ignored. Its name holds all that must match, since V8 itself compares little.
"use strict"
const fs = require("node:fs")
const path = require("node:path")
const vm = require("node:vm")
const { Module } = require("node:module")

exports.launch = (program) => {
  const file = path.join(__dirname, "main.cjs")
  // ASCII, by the bundler's promise.
  const source = fs.readFileSync(file, "latin1")
  const cacheFile = cachePath(fs.statSync(file))
  const cachedData = cacheFile && readIfThere(cacheFile)
  const script = new vm.Script(source, { filename: file, ...(cachedData && { cachedData }) })
  if (cacheFile && (!cachedData || script.cachedDataRejected)) {
    process.once("exit", (code) => {
      if (code === 0) writeCache(cacheFile, script.createCachedData())
    })
  }
  const main = { exports: {} }
  script.runInThisContext()(main.exports, Module.createRequire(file), main, file, __dirname)
  main.exports.main(program)
}

function cachePath({ mtimeMs, size }) {
  const home = process.env.HOME
  const base = process.env.XDG_CACHE_HOME || (home && path.join(home, ".cache"))
  if (!base || !path.isAbsolute(base)) return undefined
  const key = [process.versions.v8, process.arch, size, Math.round(mtimeMs)].join("-")
  return path.join(base, "effect-plasmite", `pls-${key}.bin`)
}

function readIfThere(cacheFile) {
  try {
    return fs.readFileSync(cacheFile)
  } catch {
    return undefined
  }
}

/** Whole or not at all, and never more than a few caches of older builds beside it. */
function writeCache(cacheFile, data) {
  try {
    const directory = path.dirname(cacheFile)
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    const temporary = `${cacheFile}.${process.pid}`
    fs.writeFileSync(temporary, data, { mode: 0o600 })
    fs.renameSync(temporary, cacheFile)
    for (const old of fs.readdirSync(directory)) {
      const oldFile = path.join(directory, old)
      if (oldFile !== cacheFile && Date.now() - fs.statSync(oldFile).mtimeMs > 24 * 3600 * 1000) fs.unlinkSync(oldFile)
    }
  } catch {
    // Next time, then.
  }
}
