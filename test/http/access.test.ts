// Who may do what. Numbers in names of tests are those of the protocol's acceptance statements.
import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { routes } from "../../http/server/routes.js"
import { isPoolError } from "../../src/PoolError.js"
import { resolveOptions } from "../../http/ServerOptions.js"
import { append, createPool, refused, request, startServer, type TestServer } from "./server.js"

const token = "correct-horse-battery-staple"
const bearer = { authorization: `Bearer ${token}` }

/** What the server says to these bytes, and what it does with the connection after that. */
const raw = (server: TestServer, head: string, body: () => Buffer, pieces: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(server.port, "127.0.0.1")
    let text = ""
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8")
    })
    socket.on("close", () => resolve(text))
    socket.on("error", () => resolve(text))
    socket.setTimeout(10_000, () => reject(new Error("the connection stays open")))
    socket.write(head)
    let sent = 0
    const send = (): void => {
      while (sent < pieces && !socket.destroyed) {
        sent++
        if (!socket.write(body())) {
          socket.once("drain", send)
          return
        }
      }
      socket.end()
    }
    send()
  })

describe("token", () => {
  it("59, 60, 67: only the right token in one header of the right scheme opens", async () => {
    const server = await startServer({ token })
    const wrong = ["", "Bearer", "Bearer ", `Token ${token}`, `Bearer ${token}x`, `Bearer ${token.slice(1)}`, token]
    for (const authorization of [...wrong, `Bearer ${token}, Bearer ${token}`, `Basic ${btoa(`a:${token}`)}`]) {
      const answer = await request(server, "/v0/pools", { headers: { authorization } })
      refused(answer, 401, "Permission")
      assert.strictEqual(answer.headers["www-authenticate"], "Bearer")
      assert.notInclude(answer.text, token)
    }
    refused(await request(server, "/v0/pools"), 401, "Permission")
    for (const scheme of ["Bearer", "bearer", "BEARER", "Bearer "]) {
      const answer = await request(server, "/v0/pools", { headers: { authorization: `${scheme} ${token}` } })
      assert.strictEqual(answer.status, 200, answer.text)
    }
    const twice = await raw(
      server,
      `GET /v0/pools HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\nauthorization: Bearer x\r\nconnection: close\r\n\r\n`,
      () => Buffer.alloc(0),
      0
    )
    assert.match(twice, /^HTTP\/1\.1 401 /)
  })

  it("61, 62: every route but the open ones asks for it, unknown ones of the protocol too", async () => {
    const server = await startServer({ token })
    for (const { access, method, segments } of routes) {
      const target = `/${segments.map((segment) => segment ?? "1").join("/")}`
      const answer = await request(server, target, { method })
      if (access === "open") assert.isBelow(answer.status, 400, target)
      else refused(answer, 401, "Permission")
    }
    refused(await request(server, "/v0/nothing"), 401, "Permission")
    refused(await request(server, "/v0/pools", { method: "PUT" }), 401, "Permission")
    refused(await request(server, "/mcp", { method: "POST" }), 401, "Permission")
    assert.deepStrictEqual((await request(server, "/healthz")).json(), { ok: true })
  })

  it("66: a refused body is not read: not without a token, not beyond the limit", async () => {
    const server = await startServer({ token, maxBodyBytes: 1000 })
    const piece = Buffer.alloc(64 * 1024, "x")
    let read = 0
    const count = (): Buffer => {
      read++
      return piece
    }
    const head = (authorization: string): string =>
      `POST /v0/pools/p/append HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${authorization}content-length: 400000000\r\n\r\n`
    const stranger = await raw(server, head(""), count, 6000)
    assert.match(stranger, /^HTTP\/1\.1 401 [^]*"missing bearer token"/)
    assert.isBelow(read, 3000)
    const large = await raw(server, head(`authorization: Bearer ${token}\r\n`), () => piece, 6000)
    assert.match(large, /^HTTP\/1\.1 413 [^]*--max-body-bytes/)
    const expecting = await raw(server, head("expect: 100-continue\r\n"), () => Buffer.alloc(0), 0)
    assert.match(expecting, /^HTTP\/1\.1 401 /)
    assert.notInclude(expecting, "100 Continue")
  })

  it("a client that waits for leave to send its body gets it once it is admitted", async () => {
    const server = await startServer({ token })
    await request(server, "/v0/pools", { body: { pool: "p" }, headers: bearer })
    const answer = await request(server, "/v0/pools/p/append", {
      body: { data: { n: 1 } },
      headers: { ...bearer, expect: "100-continue" }
    })
    assert.strictEqual(answer.status, 200, answer.text)
  })

  it("69: tokens, queries and messages are in no log line and no error", async () => {
    const server = await startServer({ token, logRequests: "all" })
    await request(server, "/v0/pools", { body: { pool: "p" }, headers: bearer })
    await request(server, "/v0/pools/p/append", { body: { data: { secret: "launch-code" } }, headers: bearer })
    await request(server, "/v0/pools/p/tail?tag=secret-tag&max=0", { headers: bearer })
    const wrong = await request(server, "/v0/pools?token=" + token, { headers: { authorization: "Bearer guess-this" } })
    refused(wrong, 401, "Permission")
    await server.stop()
    const logged = server.logs.join("\n")
    for (const word of ["method=POST", "path=/v0/pools/p/append", "status=200", "status=401", "elapsedMillis="]) {
      assert.include(logged, word)
    }
    for (const secret of [token, "guess-this", "launch-code", "secret-tag"]) {
      assert.notInclude(logged, secret)
      assert.notInclude(wrong.text, secret)
    }
  })

  it("tokens that no header can carry are refused at the start", () => {
    for (const bad of ["", " ", "two words", "line\n", "naïve"]) {
      assert.throws(() => resolveOptions({ token: bad }), /token/)
    }
  })
})

describe("access modes", () => {
  it("63: read-only reads and does not write", async () => {
    const writer = await startServer()
    await createPool(writer, "p")
    await append(writer, "p", { n: 1 })
    const server = await startServer({ access: "read-only", directory: writer.directory })
    for (const target of ["/v0/pools", "/v0/pools/p/info", "/v0/pools/p/messages/1", "/v0/pools/p/tail?max=1"]) {
      assert.strictEqual((await request(server, target)).status, 200, target)
    }
    assert.strictEqual((await request(server, "/v0/pools/open", { body: { pool: "p" } })).status, 200)
    for (const [method, target] of [
      ["POST", "/v0/pools"],
      ["DELETE", "/v0/pools/p"],
      ["POST", "/v0/pools/p/append"],
      ["POST", "/v0/pools/p/append_lite3"]
    ] as const) {
      const error = refused(await request(server, target, { method, body: { pool: "q", data: {} } }), 403, "Permission")
      assert.match(error.message, /^forbidden: .*writes/)
      assert.include(error.hint, "--access")
    }
  })

  it("64, 68: write-only writes, reads nothing, and still lets upstream's clients open", async () => {
    const server = await startServer({ access: "write-only" })
    await createPool(server, "p")
    const opened = await request(server, "/v0/pools/open", { body: { pool: "p" } })
    const { pool } = opened.json<{ pool: Record<string, unknown> }>()
    assert.deepStrictEqual([opened.status, pool["bounds"], "metrics" in pool], [200, {}, false])
    assert.isNumber(pool["ring_size"])
    assert.strictEqual(await append(server, "p", { n: 1 }), 1)
    const after = (await request(server, "/v0/pools/open", { body: { pool: "p" } })).json<{
      pool: { bounds: unknown }
    }>()
    assert.deepStrictEqual(after.pool.bounds, {})
    for (const target of [
      "/v0/pools",
      "/v0/pools/p/info",
      "/v0/pools/p/messages/1",
      "/v0/pools/p/messages/1/lite3",
      "/v0/pools/p/tail",
      "/v0/pools/p/tail_lite3",
      "/v0/ui/pools",
      "/v0/ui/pools/p/info",
      "/v0/ui/pools/p/events"
    ]) {
      const error = refused(await request(server, target), 403, "Permission")
      assert.match(error.message, /^forbidden: .*reads/)
      refused(await request(server, target, { method: "DELETE" }), 405, "Usage")
    }
    assert.strictEqual((await request(server, "/healthz")).status, 200)
  })

  it("65: without the token a forbidden request is 401, not 403", async () => {
    const server = await startServer({ token, access: "read-only" })
    refused(await request(server, "/v0/pools", { body: { pool: "p" } }), 401, "Permission")
    refused(await request(server, "/v0/pools", { body: { pool: "p" }, headers: bearer }), 403, "Permission")
  })

  it("70: a file that may not be read is 403", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const file = path.join(server.directory, "p.plasmite")
    const unprivileged = process.getuid?.() === 0
    for (const directory of [server.directory, path.dirname(server.directory)]) fs.chmodSync(directory, 0o755)
    fs.chmodSync(file, 0o000)
    // Root may read everything, so it is somebody else for a moment.
    if (unprivileged) process.seteuid!(65_534)
    try {
      refused(await request(server, "/v0/pools/open", { body: { pool: "p" } }), 403, "Permission")
      refused(await request(server, "/v0/pools/p/tail"), 403, "Permission")
    } finally {
      if (unprivileged) process.seteuid!(0)
    }
  })
})

describe("options", () => {
  it("73: a limit of zero is a usage error that names it", () => {
    for (const [limit, flag] of [
      ["maxBodyBytes", "--max-body-bytes"],
      ["maxTailTimeoutMillis", "--max-tail-timeout-ms"],
      ["maxTailConcurrency", "--max-tail-concurrency"]
    ] as const) {
      for (const value of [0, -1, 1.5, Number.NaN]) {
        try {
          resolveOptions({ [limit]: value })
          assert.fail(`${limit} = ${value} was accepted`)
        } catch (error) {
          assert.isTrue(isPoolError(error) && error.reason === "Usage" && error.message.includes(flag), String(error))
        }
      }
    }
  })
})
