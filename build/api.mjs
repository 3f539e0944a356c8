// Writes docs/api from the declaration files, as they were built; with `--check` only says which pages are not current.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { apiPages } from "./apiPages.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const api = path.join(root, "docs/api")
const pages = apiPages(path.join(root, "dist"))

if (process.argv.includes("--check")) {
  const textOf = (name) => (existsSync(path.join(api, name)) ? readFileSync(path.join(api, name), "utf8") : undefined)
  const stale = [...pages].filter(([name, text]) => textOf(name) !== text).map(([name]) => name)
  const present = readdirSync(api, { recursive: true }).filter((name) => name.endsWith(".md"))
  stale.push(...present.filter((name) => !pages.has(name)))
  if (stale.length > 0) console.error(`not current: ${stale.map((name) => `docs/api/${name}`).join(", ")}; npm run api`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  rmSync(api, { recursive: true, force: true })
  for (const [name, text] of pages) {
    const file = path.join(api, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
