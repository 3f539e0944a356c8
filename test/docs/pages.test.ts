/**
 * The documentation as a whole: the API reference is that of the build, and every link between the pages leads somewhere.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { documents, root } from "./documents.js"

describe("the pages", () => {
  it("of docs/api are those that `npm run api` makes", () => {
    const result = spawnSync(process.execPath, [path.join(root, "build/api.mjs"), "--check"], { encoding: "utf8" })
    assert.strictEqual(result.status, 0, result.stderr)
  })

  const links = documents.map((file) => {
    const text = fs.readFileSync(path.join(root, file), "utf8").replaceAll(/^```[^]*?^```$/gm, "")
    const found = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link!)
    return [file, found.filter((link) => !/^[a-z]+:/.test(link))] as const
  })

  /** As GitHub names the headings of a page. */
  const anchorsOf = (text: string): ReadonlyArray<string> =>
    Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-")
    )

  it("name the versions of other packages that this one takes", () => {
    const { peerDependencies } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
      peerDependencies: Record<string, string>
    }
    for (const file of documents) {
      const text = fs.readFileSync(path.join(root, file), "utf8")
      for (const [, name, version] of text.matchAll(/(?<![\w/-])(effect|@effect\/platform)@(\d[\d.]*\d|\d)/g)) {
        assert.isTrue(peerDependencies[name!]?.startsWith(`^${version}.`), `${file} names ${name}@${version}`)
      }
      // What npm takes for the newest is another one.
      for (const [line] of text.matchAll(/^npm install .*$/gm)) assert.notMatch(line, / effect( |$)/, file)
    }
  })

  it("link to files and headings that exist", () => {
    for (const [file, targets] of links) {
      for (const link of targets) {
        const [target, anchor] = link.split("#")
        const page = target === "" ? path.join(root, file) : path.resolve(root, path.dirname(file), target!)
        assert.isTrue(fs.existsSync(page), `${file} links to ${link}`)
        if (anchor === undefined) continue
        assert.include(anchorsOf(fs.readFileSync(page, "utf8")), anchor, `${file} links to ${link}`)
      }
    }
  })

  it("of docs are all on the map", () => {
    const map = path.join(root, "docs/README.md")
    const [, listed] = links.find(([file]) => file === "docs/README.md")!
    const reached = new Set(listed.map((link) => path.resolve(path.dirname(map), link.split("#")[0]!)))
    for (const file of documents.filter((name) => name.startsWith("docs/") && name !== "docs/README.md")) {
      const isThere = reached.has(path.join(root, file)) || reached.has(path.join(root, path.dirname(file)))
      assert.isTrue(isThere, `docs/README.md does not mention ${file}`)
    }
  })
})
