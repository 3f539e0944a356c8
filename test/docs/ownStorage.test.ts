/**
 * The storage that docs/layers.md shows keeps the contract of the project's own storages.
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as path from "node:path"
import type { PoolStorage } from "../../src/PoolStorage.js"
import { poolStorageContract } from "../contract/poolStorageContract.js"
import { readDocument } from "./document.js"
import { root } from "./documents.js"

interface Shown {
  readonly storageIn: (files: Map<string, { writable: boolean }>) => Layer.Layer<PoolStorage>
}

// Beside the tests, since it imports the sources as they do.
const shown = readDocument(path.join(root, "docs/layers.md")).programs.find(({ code }) => code.includes("storageIn"))!
const directory = fs.mkdtempSync(path.join(root, "dist", "own-storage-"))
const file = path.join(directory, "storage.ts")
const sources = { "effect-plasmite": "src/index", "effect-plasmite/node": "binding/index" }
const code = Object.entries({ ...sources, "effect-plasmite/testing": "layers/testing" }).reduce(
  (text, [name, source]) => text.replaceAll(`"${name}"`, `"../../${source}.js"`),
  shown.code
)
fs.writeFileSync(file, code)
const { storageIn } = (await import(file)) as Shown
fs.rmSync(directory, { recursive: true })

const files = new Map<string, { writable: boolean }>()

poolStorageContract("of docs/layers.md", {
  layer: storageIn(files),
  newDirectory: Effect.sync(() => {
    files.clear()
    return "/pools"
  }),
  readingOnly: (pool, effect) =>
    Effect.zipRight(
      Effect.sync(() => void (files.get(pool)!.writable = false)),
      effect
    )
})
