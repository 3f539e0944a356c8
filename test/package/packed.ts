/**
 * The package as npm would publish it, unpacked in an empty project that has nothing else but what the package declares: what it
 * imports and does not declare is not found there.
 */
import * as childProcess from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))
const consumer = path.join(root, "test/package/consumer")

export interface PackedProject {
  readonly directory: string
  readonly tarball: Uint8Array
  /** The files of the package, by their paths in it. */
  readonly files: ReadonlyArray<string>
  readonly remove: () => void
}

/** Packs what was built last, and installs it beside links to these packages. */
export const packedProject = (dependencies: ReadonlyArray<string>): PackedProject => {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "plasmite-packed-")))
  const packing = ["pack", "--ignore-scripts", "--json", "--pack-destination", directory]
  const [packed] = JSON.parse(run("npm", packing, root)) as [{ filename: string; files: Array<{ path: string }> }]
  const tarball = path.join(directory, packed.filename)
  const modules = path.join(directory, "node_modules")
  fs.mkdirSync(modules)
  run("tar", ["xzf", tarball, "-C", modules], directory)
  fs.renameSync(path.join(modules, "package"), path.join(modules, "effect-plasmite"))
  for (const name of dependencies) {
    const link = path.join(modules, name)
    fs.mkdirSync(path.dirname(link), { recursive: true })
    fs.symlinkSync(path.join(root, "node_modules", name), link)
  }
  fs.writeFileSync(path.join(directory, "package.json"), '{ "type": "module" }\n')
  for (const file of fs.readdirSync(consumer)) fs.copyFileSync(path.join(consumer, file), path.join(directory, file))
  return {
    directory,
    tarball: fs.readFileSync(tarball),
    files: packed.files.map(({ path }) => path),
    remove: () => fs.rmSync(directory, { recursive: true })
  }
}

/** What it wrote; throws with everything it said when it fails, or does not end. */
export const run = (program: string, args: ReadonlyArray<string>, cwd: string, env = process.env): string => {
  const result = childProcess.spawnSync(program, args, { cwd, env, encoding: "utf8", timeout: 120_000 })
  if (result.status === 0) return result.stdout
  throw new Error(`${program} ${args.join(" ")} ended with ${result.status}:\n${result.stdout}${result.stderr}`)
}
