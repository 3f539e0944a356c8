// The package in somebody else's project: what is in it, whether it resolves, compiles and runs there, and what it weighs in a
// bundle. `npm run package` does the same with a real installation, other versions of Node and of the compiler.
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { build } from "esbuild"
import * as fs from "node:fs"
import * as path from "node:path"
import { publint } from "publint"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type PackedProject, packedProject, root, run } from "./packed.js"

let project: PackedProject
/** As `npm install effect-plasmite effect` makes it: without the optional peer. */
let lean: PackedProject
beforeAll(() => {
  project = packedProject(["effect", "koffi", "@koromix", "jq-wasm", "@effect/platform", "@types/node"])
  lean = packedProject(["effect", "koffi", "@koromix", "jq-wasm"])
})
afterAll(() => {
  project.remove()
  lean.remove()
})

describe("the package", () => {
  it("has a source for all that it carries, and no tests, maps or records of builds", () => {
    // The page is made of many files; a test of its own says which.
    expect(project.files).toContain("dist/http/page.html")
    const built = project.files.filter((file) => /^dist\/(src|layers|http|binding)\/.*\.[jt]s$/.test(file))
    expect(built.length).toBeGreaterThan(100)
    for (const file of built) {
      const source = file.replace(/^dist\//, "").replace(/(\.d)?\.[jt]s$/, ".ts")
      expect(fs.existsSync(path.join(root, source)), `${file} is left from an older build`).toBe(true)
    }
    expect(project.files.filter((file) => /\.map$|tsbuildinfo|meta\.json|\.test\./.test(file))).toEqual([])
    for (const file of ["README.md", "LICENSE", "spec/openapi.json"]) expect(project.files).toContain(file)
  })

  it("is what publint expects", async () => {
    const { buffer, byteLength, byteOffset } = project.tarball
    const tarball = (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength)
    expect((await publint({ pack: { tarball }, strict: true })).messages).toEqual([])
  })

  it("has types that are not wrong: ES modules, by `exports`", async () => {
    const checked = await checkPackage(createPackageFromTarballData(project.tarball))
    if (checked.types === false) throw new Error("the package has no types")
    expect(Object.keys(checked.entrypoints)).toEqual(["./package.json", ".", "./node", "./testing", "./http"])
    // Known, and meant: the oldest resolution knows no `exports`, and what CommonJS takes is an ES module.
    const meant = new Set(["NoResolution node10", "CJSResolvesToESM node16-cjs"])
    const problems = checked.problems.map((problem) =>
      "resolutionKind" in problem ? `${problem.kind} ${problem.resolutionKind}` : problem.kind
    )
    expect(problems.filter((problem) => !meant.has(problem))).toEqual([])
  })

  for (const [resolution, module] of [
    ["node16", "node16"],
    ["nodenext", "nodenext"],
    ["bundler", "esnext"]
  ] as const) {
    it(`compiles and runs with module resolution ${resolution}, its declarations checked, too`, () => {
      const { directory } = project
      const compiler = path.join(root, "node_modules/typescript/bin/tsc")
      const options = ["--module", module, "--moduleResolution", resolution, "--outDir", resolution]
      run(process.execPath, [compiler, "-p", ".", ...options], directory)
      for (const program of ["effect", "promises", "http"]) {
        run(process.execPath, [`${resolution}/${program}.js`], directory)
      }
    })
  }

  it("needs no @effect/platform but for ./http", () => {
    const load = (entry: string) => run(process.execPath, ["-e", `import("effect-plasmite${entry}")`], lean.directory)
    for (const entry of ["", "/node", "/testing"]) load(entry)
    expect(() => load("/http")).toThrow(/Cannot find package '@effect\/platform'/)
  })

  it("brings programs that run", () => {
    const env = { PATH: process.env["PATH"], HOME: lean.directory }
    const program = (name: string, ...args: ReadonlyArray<string>) =>
      run(process.execPath, [`node_modules/effect-plasmite/dist/bin/${name}.cjs`, ...args], lean.directory, env)
    const { version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as { version: string }
    for (const name of ["pls", "plasmite"]) expect(program(name, "--version")).toBe(`plasmite ${version}\n`)
    expect(program("pls", "poke", "first", "--create", '{"n":1}')).toMatch(/"seq":\s*1/)
    expect(program("plasmite", "get", "first", "1")).toMatch(/"n":\s*1/)
  })

  it("is as light in a bundle as what is taken from it", async () => {
    const weigh = async (code: string, external: ReadonlyArray<string>): Promise<number> => {
      const { outputFiles } = await build({
        stdin: { contents: code, resolveDir: project.directory },
        bundle: true,
        minify: true,
        write: false,
        format: "esm",
        platform: "node",
        external: ["koffi", "jq-wasm", ...external]
      })
      return outputFiles[0]!.contents.length
    }
    const pools = 'import { Pools } from "effect-plasmite"; console.log(Pools)'
    const layer = 'import { NodePools } from "effect-plasmite/node"; console.log(NodePools.layer)'
    const sizes = {
      pools: await weigh(pools, ["effect"]),
      poolsWithEffect: await weigh(pools, []),
      nodePools: await weigh(layer, ["effect"]),
      nodePoolsWithEffect: await weigh(layer, [])
    }
    console.log(`minified, bytes: ${JSON.stringify(sizes)}`)
    expect(sizes.pools).toBeLessThan(1024)
    expect(sizes.poolsWithEffect).toBeLessThan(16 * 1024)
    expect(sizes.nodePools).toBeLessThan(200 * 1024)
    expect(sizes.nodePoolsWithEffect).toBeLessThan(450 * 1024)
  })
})
