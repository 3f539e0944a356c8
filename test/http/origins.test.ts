// Web pages and servers. Numbers in names of tests are those of the protocol's acceptance statements.
import { assert, describe, it } from "vitest"
import { normalizeOrigins } from "../../http/server/origins.js"
import { isPoolError } from "../../src/PoolError.js"
import { append, createPool, refused, request, startServer } from "./server.js"

const page = "https://app.example"

const refusal = (origin: string): string => {
  try {
    normalizeOrigins([origin])
  } catch (error) {
    if (isPoolError(error) && error.reason === "Usage") return error.message
    throw error
  }
  return "accepted"
}

describe("allow list", () => {
  it("79, 104: a listed origin may read answers, streams and errors, and asks before it writes", async () => {
    const server = await startServer({ corsOrigins: [page] })
    await createPool(server, "p")
    await append(server, "p", {})
    for (const target of [
      "/v0/pools",
      "/v0/ui/pools/p/events?max=1",
      "/healthz",
      "/v0/pools/p/tail?max=1",
      "/nowhere"
    ]) {
      const answer = await request(server, target, { headers: { origin: page } })
      assert.strictEqual(answer.headers["access-control-allow-origin"], page, target)
      assert.include(answer.headers["vary"], "origin")
      assert.include(answer.headers["access-control-expose-headers"], "plasmite-seq")
      assert.isUndefined(answer.headers["access-control-allow-credentials"])
    }
    const preflight = await request(server, "/v0/pools/p/append", {
      method: "OPTIONS",
      headers: { origin: page, "access-control-request-method": "POST" }
    })
    assert.strictEqual(preflight.status, 204)
    assert.strictEqual(preflight.headers["access-control-allow-origin"], page)
    assert.strictEqual(preflight.headers["plasmite-version"], "0")
    for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
      assert.include(preflight.headers["access-control-allow-methods"], method)
    }
    assert.match(preflight.headers["access-control-allow-headers"] ?? "", /authorization, content-type/)
    const written = await request(server, "/v0/pools/p/append", { body: { data: {} }, headers: { origin: page } })
    assert.strictEqual(written.status, 200)
  })

  it("80: other origins never get the header", async () => {
    const server = await startServer({ corsOrigins: [page], token: "t" })
    for (const origin of ["https://evil.example", "*", "null", `${page}.evil.example`, page.toUpperCase()]) {
      const headers = { origin, authorization: "Bearer t" }
      const answer = await request(server, "/v0/pools", { headers })
      assert.deepStrictEqual([answer.status, answer.headers["access-control-allow-origin"]], [200, undefined])
      const preflight = await request(server, "/v0/pools", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" }
      })
      assert.deepStrictEqual([preflight.status, preflight.headers["access-control-allow-origin"]], [204, undefined])
      assert.isUndefined(preflight.headers["access-control-allow-methods"])
    }
  })

  it("81, 83: a wildcard, paths, users and other schemes are refused", () => {
    assert.include(refusal("*"), "wildcard")
    assert.include(refusal("https://*.example"), "wildcard")
    for (const origin of [
      "",
      "  ",
      "example.org",
      "ftp://example.org",
      "file:///tmp",
      "null",
      "https://",
      "https://user@example.org",
      "https://user:secret@example.org",
      "https://example.org/path",
      "https://example.org//",
      "https://example.org/?q",
      "https://example.org?",
      "https://example.org#f",
      "https://example.org:99999",
      "javascript:alert(1)"
    ]) {
      assert.notStrictEqual(refusal(origin), "accepted", origin)
    }
  })

  it("82: origins are normalised and told once, in their order", () => {
    assert.deepStrictEqual(
      normalizeOrigins([" https://b.example/ ", "http://A.example:80", "https://b.example:443", "http://[::1]:5173"]),
      ["https://b.example", "http://a.example", "http://[::1]:5173"]
    )
  })

  it("84: without a list no header is sent, and OPTIONS is not possible", async () => {
    const server = await startServer()
    const answer = await request(server, "/v0/pools", { headers: { origin: page } })
    assert.deepStrictEqual(
      Object.keys(answer.headers).filter((name) => name.startsWith("access-control") || name === "vary"),
      []
    )
    const options = await request(server, "/v0/pools", { method: "OPTIONS", headers: { origin: page } })
    refused(options, 405, "Usage")
    assert.strictEqual(options.headers.allow, "GET, HEAD, POST")
  })
})

describe("guard without a token", () => {
  it("85: a name that is not this machine's is refused, unless it is allowed", async () => {
    const server = await startServer()
    const strict = ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "a b"]
    for (const host of strict) {
      const answer = await request(server, "/v0/pools", { headers: { host } })
      assert.strictEqual(answer.status, 403, host)
      const error = refused(answer, 403, "Permission")
      assert.include(error.hint, "--allow-host")
      refused(await request(server, "/healthz", { headers: { host } }), 403, "Permission")
    }
    for (const host of ["127.0.0.1:1", "[::1]", "localhost", "LOCALHOST:9700", "dev.localhost", "10.0.0.7"]) {
      assert.strictEqual((await request(server, "/v0/pools", { headers: { host } })).status, 200, host)
    }
    const allowing = await startServer({ allowHosts: ["Evil.example"] })
    assert.strictEqual((await request(allowing, "/v0/pools", { headers: { host: "evil.example:80" } })).status, 200)
  })

  it("86: a page of another origin changes nothing; a token lifts the guard", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const own = `http://127.0.0.1:${server.port}`
    const post = (origin: string) => request(server, "/v0/pools/p/append", { body: { data: {} }, headers: { origin } })
    for (const origin of ["https://evil.example", "null", `https://127.0.0.1:${server.port}`, "http://127.0.0.1:1"]) {
      refused(await post(origin), 403, "Permission")
      refused(await request(server, "/v0/pools/p", { method: "DELETE", headers: { origin } }), 403, "Permission")
    }
    assert.strictEqual((await post(own)).status, 200)
    const withToken = await startServer({ token: "t", directory: server.directory })
    const headers = { origin: "https://evil.example", host: "evil.example", authorization: "Bearer t" }
    const answer = await request(withToken, "/v0/pools/p/append", { body: { data: {} }, headers })
    assert.strictEqual(answer.status, 200)
  })

  it("87: a browser must name the media type of an encoded payload", async () => {
    const server = await startServer({ token: "t" })
    const authorization = "Bearer t"
    await request(server, "/v0/pools", { body: { pool: "p" }, headers: { authorization } })
    await request(server, "/v0/pools/p/append", { body: { data: {} }, headers: { authorization } })
    const { bytes } = await request(server, "/v0/pools/p/messages/1/lite3", { headers: { authorization } })
    const post = (headers: Record<string, string>) =>
      request(server, "/v0/pools/p/append_lite3", { body: bytes, headers: { authorization, ...headers } })
    refused(await post({ "sec-fetch-site": "cross-site" }), 415, "Usage")
    refused(await post({ origin: "https://evil.example" }), 415, "Usage")
    assert.strictEqual((await post({})).status, 200)
    assert.strictEqual(
      (await post({ "sec-fetch-site": "same-origin", "content-type": "application/x-plasmite-lite3" })).status,
      200
    )
  })
})
