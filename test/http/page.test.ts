// The page and the description as browsers get them. What is in the page is another matter; here it is a document.
import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { promisify } from "node:util"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { assert, describe, it } from "vitest"
import { routes } from "../../http/server/routes.js"
import { createPool, refused, request, startServer } from "./server.js"

/** The document as the build made it, with what the server writes into it. */
const built = (readers: "anyone" | "token" | ""): string =>
  fs
    .readFileSync(new URL("../../dist/http/page.html", import.meta.url), "utf8")
    .replace('data-readers=""', `data-readers="${readers}"`)

const sha256 = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** What stands between the tags of such elements, found without the help of expressions. */
const contents = (html: string, element: string): Array<string> => {
  const found: Array<string> = []
  for (let at = html.indexOf(`<${element}>`); at >= 0; at = html.indexOf(`<${element}>`, at + 1)) {
    found.push(html.slice(at + element.length + 2, html.indexOf(`</${element}>`, at)))
  }
  return found
}

const directives = (policy: string): Record<string, string> =>
  Object.fromEntries(
    policy.split("; ").map((directive) => {
      const blank = directive.indexOf(" ")
      return [directive.slice(0, blank), directive.slice(blank + 1)]
    })
  )

describe("the page", () => {
  it("88: is one document under all its addresses, whatever they say of a pool", async () => {
    const server = await startServer({ token: "t" })
    for (const target of [
      "/ui",
      "/ui/",
      "/ui/pools/demo",
      "/ui/pools/a%2Fb",
      "/ui/pools/%zz",
      "/ui/pools/%ff%20",
      "/ui?x=1"
    ]) {
      const answer = await request(server, target)
      assert.deepStrictEqual([answer.status, answer.headers["content-type"]], [200, "text/html; charset=utf-8"], target)
      assert.strictEqual(answer.text, built("token"))
    }
    assert.include(built(""), "Plasmite UI")
    const home = await request(server, "/")
    assert.deepStrictEqual([home.status, home.headers.location], [302, "/ui"])
    refused(await request(server, "/ui/xyz"), 404, "NotFound")
    refused(await request(server, "/ui/pools/a/b"), 404, "NotFound")
    refused(await request(server, "/ui", { method: "POST", body: {} }), 405, "Usage")
  })

  it("92: loads nothing, and permits its own script and style only", async () => {
    const server = await startServer()
    for (const target of ["/ui", "/docs"]) {
      const { headers, text } = await request(server, target)
      const policy = directives(headers["content-security-policy"] as string)
      const scripts = contents(text, "script").map(sha256)
      assert.deepStrictEqual(policy, {
        "default-src": "'none'",
        "script-src": scripts.length === 0 ? "'none'" : scripts.join(" "),
        "style-src": contents(text, "style").map(sha256).join(" "),
        "img-src": "data:",
        "font-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'"
      })
      assert.strictEqual(headers["x-content-type-options"], "nosniff")
      assert.strictEqual(headers["referrer-policy"], "no-referrer")
      // Whatever has attributes has no hash; whatever has an address goes to this server, or is in the document.
      assert.notMatch(
        contents(text, "script").reduce((rest, script) => rest.replaceAll(script, ""), text),
        /<script[ >](?!<)|<style |\son\w+=|style="/
      )
      for (const [, address] of text.matchAll(/\s(?:src|href)="([^"]*)"/g))
        assert.match(address!, /^(data:|\/(?!\/)|#)/)
    }
    // One that asks early, and the page.
    assert.lengthOf(contents((await request(server, "/ui")).text, "script"), 2)
  })

  it("says who may read, as far as that is the same for every request", async () => {
    for (const [options, readers] of [
      [{}, "anyone"],
      [{ token: "t" }, "token"],
      [{ access: "read-only" }, "anyone"],
      [{ access: "write-only" }, ""],
      [{ access: "write-only", token: "t" }, ""]
    ] as const) {
      assert.strictEqual((await request(await startServer(options), "/ui")).text, built(readers))
    }
  })

  it("is sent once, compressed as the browser likes it", async () => {
    const server = await startServer()
    const tags = new Set<string>()
    for (const [accepted, coding, decode] of [
      ["gzip, deflate, br", "br", brotliDecompressSync],
      ["gzip;q=0.5, br;q=0", "gzip", gunzipSync],
      ["GZIP", "gzip", gunzipSync],
      ["identity", undefined, (bytes: Buffer) => bytes]
    ] as const) {
      const headers = { "accept-encoding": accepted }
      const answer = await request(server, "/ui", { headers })
      assert.strictEqual(answer.headers["content-encoding"], coding, accepted)
      assert.strictEqual(decode(answer.bytes).toString("utf8"), built("anyone"))
      assert.include(answer.headers.vary, "accept-encoding")
      assert.strictEqual(answer.headers["cache-control"], "no-cache")
      const tag = answer.headers.etag!
      tags.add(tag)
      for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
        const again = await request(server, "/ui", { headers: { ...headers, "if-none-match": known } })
        assert.deepStrictEqual([again.status, again.text, again.headers.etag], [304, "", tag])
        assert.isDefined(again.headers["content-security-policy"])
      }
      assert.strictEqual(
        (await request(server, "/ui", { headers: { ...headers, "if-none-match": '"x"' } })).status,
        200
      )
      const head = await request(server, "/ui", { method: "HEAD", headers })
      assert.deepStrictEqual([head.status, head.text, head.headers.etag], [200, "", tag])
      assert.strictEqual(head.headers["content-length"], answer.headers["content-length"])
    }
    assert.strictEqual(tags.size, 3)
  })

  it("is served in every access mode, its data is not", async () => {
    const server = await startServer({ access: "write-only" })
    await createPool(server, "p")
    for (const target of ["/ui", "/docs", "/v0/server"]) assert.strictEqual((await request(server, target)).status, 200)
    for (const target of ["/v0/pools/p/messages", "/v0/ui/pools", "/v0/ui/stats", "/v0/ui/pools/p/histogram"]) {
      assert.match(refused(await request(server, target), 403, "Permission").message, /^forbidden:/)
    }
  })

  it("weighs what it may", () => {
    assert.isBelow(Buffer.byteLength(built("")), 300 * 1024)
  })
})

describe("the description for reading", () => {
  it("names every route, and its commands work as they stand", async () => {
    const server = await startServer({ token: "secret" })
    const headers = { authorization: "Bearer secret" }
    const { text } = await request(server, "/docs")
    for (const { method, segments } of routes) {
      const parameters = ["{pool}", segments.includes("cursors") ? "{cursor}" : "{seq}"]
      const target = `/${segments.map((segment) => segment ?? parameters.shift()).join("/")}`
      assert.include(text, `${method}</span> <code>${target}</code>`)
    }
    const commands = [...text.matchAll(/<pre><code>([^]*?)<\/code><\/pre>/g)]
      .map(([, command]) => command!.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&"))
      .map((command) => command.replace("127.0.0.1:9700", `127.0.0.1:${server.port}`))
    assert.lengthOf(commands, routes.length)
    await request(server, "/v0/pools", { headers, body: { pool: "other" } })
    await request(server, "/v0/pools/other/append", { headers, body: { data: {} } })
    const payload = `${server.directory}/payload`
    fs.writeFileSync(payload, (await request(server, "/v0/pools/other/messages/1/lite3", { headers })).bytes)
    // A cursor is shown once it was committed; what is deleted goes when there is nothing left to show, the pool last.
    const turn = (command: string): number => {
      const isCursor = command.includes("/cursors/")
      if (command.includes("DELETE")) return isCursor ? 2 : 3
      return isCursor && !command.includes("PUT") ? 1 : 0
    }
    for (const command of commands.sort((one, other) => turn(one) - turn(other))) {
      const quiet = command.replace("curl", "curl -sS --fail -o /dev/null")
      const env = { PATH: process.env["PATH"], PLASMITE_TOKEN: "secret" }
      await promisify(execFile)("sh", ["-c", quiet], { cwd: server.directory, env })
    }
    const { pools } = (await request(server, "/v0/pools", { headers })).json<{ pools: Array<{ name: string }> }>()
    assert.deepStrictEqual(
      pools.map(({ name }) => name),
      ["other"]
    )
  })
})
