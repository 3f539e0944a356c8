// The server as a whole: every response, limits, hostile bytes, metrics, the end. Numbers in names of tests are those of
// the protocol's acceptance statements.
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as http from "node:http"
import * as net from "node:net"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { version } from "../../http/version.js"
import * as OsPoolLock from "../../layers/OsPoolLock.js"
import { PoolLock } from "../../src/PoolLock.js"
import { append, createPool, eventually, follow, refused, request, startServer, type TestServer } from "./server.js"

/** All that the server says to these bytes until it closes the connection. */
const converse = (server: TestServer, text: string, withinMillis = 5000): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(server.port, "127.0.0.1", () => socket.write(text))
    let answer = ""
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`the connection stays open after ${JSON.stringify(text.slice(0, 60))}: ${answer}`))
    }, withinMillis)
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("latin1")
    })
    socket.on("error", () => undefined)
    socket.on("close", () => {
      clearTimeout(timer)
      resolve(answer)
    })
  })

describe("every response", () => {
  it("103, 104: has the version, and an envelope when it is a failure", async () => {
    const server = await startServer({ maxBodyBytes: 64 })
    await createPool(server, "p")
    const health = await request(server, "/healthz")
    assert.deepStrictEqual(health.json(), { ok: true })
    for (const target of [
      "/healthz",
      "/readyz",
      "/v0/pools",
      "/v0/pools/p/tail?max=0",
      "/v0/server",
      "/openapi.json"
    ]) {
      const answer = await request(server, target)
      assert.deepStrictEqual([answer.status, answer.headers["plasmite-version"]], [200, "0"], target)
      assert.strictEqual(answer.headers["x-content-type-options"], "nosniff")
      assert.strictEqual(answer.headers["referrer-policy"], "no-referrer")
      assert.strictEqual(answer.headers["cache-control"], "no-store")
    }
    for (const target of ["/nowhere", "/v0", "/v0/pools/", "/v0/pools/p", "/v1/pools", "//", "/v0/pools/p/info/"]) {
      const answer = await request(server, target)
      if (answer.status === 405) refused(answer, 405, "Usage")
      else refused(answer, 404, "NotFound")
    }
    const method = await request(server, "/v0/pools", { method: "PUT" })
    refused(method, 405, "Usage")
    assert.strictEqual(method.headers.allow, "GET, HEAD, POST")
    assert.isUndefined((await request(server, "/v0/pools")).headers.location)
  })

  it("71, 72: bodies have one limit, whoever reads them, announced or not", async () => {
    const server = await startServer({ maxBodyBytes: 64 })
    await createPool(server, "p")
    const large = { data: { text: "x".repeat(80) } }
    refused(await request(server, "/v0/pools/p/append", { body: large }), 413, "Usage")
    refused(await request(server, "/v0/pools", { body: { pool: "x".repeat(80) } }), 413, "Usage")
    refused(await request(server, "/v0/pools/open", { body: { pool: "x".repeat(80) } }), 413, "Usage")
    const headers = { "content-type": "application/x-plasmite-lite3" }
    refused(await request(server, "/v0/pools/p/append_lite3", { body: Buffer.alloc(65), headers }), 413, "Usage")
    const chunked = await converse(
      server,
      `POST /v0/pools/p/append HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n` +
        `40\r\n${"x".repeat(64)}\r\n40\r\n${"x".repeat(64)}\r\n0\r\n\r\n`
    )
    assert.match(chunked, /^HTTP\/1\.1 413 /)
    assert.strictEqual((await request(server, "/v0/pools/p/append", { body: { data: {} } })).status, 200)
  })

  it("71: who sends all of a body that is many times too large before it listens gets the answer, not a reset", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const body = Buffer.alloc(15 * 1024 * 1024, "x")
    const socket = net.connect(server.port, "127.0.0.1")
    const answer = await new Promise<string>((resolve, reject) => {
      socket.on("error", reject)
      socket.write(
        `POST /v0/pools/p/append HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
      )
      socket.write(body, () => socket.once("data", (bytes) => resolve(String(bytes))))
    })
    socket.destroy()
    assert.match(answer, /^HTTP\/1\.1 413 [^]*--max-body-bytes/)
  })

  it("75: when storage is saturated the next request is refused at once, and health still answers", async () => {
    const server = await startServer({ maxTailConcurrency: 1, lockTimeoutMillis: 4000 })
    await createPool(server, "p")
    await append(server, "p", {})
    const holdLock = Effect.gen(function* () {
      const lock = yield* (yield* PoolLock).open(path.join(server.directory, "p.plasmite"))
      assert.isTrue(lock.tryAcquire("exclusive"))
      const waiting = request(server, "/v0/pools/p/append", { body: { data: { n: 1 } } })
      // Until the append has arrived, there is room.
      const info = Effect.promise(() => request(server, "/v0/pools/p/info"))
      const busy = yield* Effect.repeat(info, { until: ({ status }) => status !== 200, times: 200 })
      refused(busy, 423, "Busy")
      assert.strictEqual(busy.headers["retry-after"], "1")
      for (const target of ["/v0/pools", "/v0/pools/p/messages/1", "/v0/ui/pools/p/histogram?buckets=2"]) {
        refused(yield* Effect.promise(() => request(server, target)), 423, "Busy")
      }
      const headers = { "content-type": "application/x-plasmite-lite3" }
      const encoded = yield* Effect.promise(() =>
        request(server, "/v0/pools/p/append_lite3", { body: Buffer.alloc(20), headers })
      )
      refused(encoded, 423, "Busy")
      // Of several, since the machine may be busy with others.
      const millis: Array<number> = []
      for (let turn = 0; turn < 5; turn++) {
        const began = performance.now()
        assert.strictEqual((yield* Effect.promise(() => request(server, "/healthz"))).status, 200)
        millis.push(performance.now() - began)
      }
      assert.isBelow(Math.min(...millis), 100)
      lock.release()
      assert.strictEqual((yield* Effect.promise(() => waiting)).status, 200)
      assert.isTrue(lock.tryAcquire("exclusive"))
      const late = yield* Effect.promise(() => request(server, "/v0/pools/p/append", { body: { data: {} } }))
      assert.include(refused(late, 423, "Busy").message, "p.plasmite")
      lock.release()
    })
    await server.run(Effect.provide(holdLock, OsPoolLock.layer))
    assert.strictEqual(await append(server, "p", {}), 3)
  })
})

describe("hostile bytes", () => {
  it("what is no HTTP gets an envelope and costs its own connection only", async () => {
    const server = await startServer({ headersTimeoutMillis: 1000, requestTimeoutMillis: 1500 })
    await createPool(server, "p")
    const bad = [
      "\u0000\u0001\u0002\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n"
    ]
    for (const text of bad) {
      assert.match(await converse(server, text), /^HTTP\/1\.1 400 [^]*plasmite-version: 0[^]*"kind":"Usage"/)
    }
    const headers = await converse(server, `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${"y".repeat(40_000)}\r\n\r\n`)
    assert.match(headers, /^HTTP\/1\.1 431 /)
    const slow = [
      "GET /healthz HTTP/1.1\r\nhos",
      "POST /v0/pools HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 10\r\ncontent-type: application/json\r\n\r\n{"
    ]
    for (const text of slow) await converse(server, text, 6000)
    assert.strictEqual((await request(server, "/healthz")).status, 200)
  })

  it("fuzzed requests never bring it down, nor a status without an envelope", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, "p", { n: 1 })
    let seed = 7
    const chance = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return (seed >>> 8) % below
    }
    const pieces = [
      "/v0",
      "/pools",
      "/p",
      "/tail",
      "/append",
      "/messages",
      "/1",
      "/..",
      "/%2e%2e",
      "/%00",
      "/%ff",
      "?",
      "&max=0",
      "max=-1",
      "/ui",
      "//",
      "%",
      "/x".repeat(50),
      "/append_lite3",
      "timeout_ms=0",
      "=",
      "/open"
    ]
    const methods = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"]
    const bodies = ["", "{}", "[]", "null", '{"pool":1}', '{"data":{}}', "\u0000", '{"pool":"q"}', "x".repeat(300)]
    const types = ["application/json", "text/plain", "application/x-plasmite-lite3", "application/x-ndjson", ""]
    for (let round = 0; round < 400; round++) {
      const target = `/${Array.from({ length: 1 + chance(6) }, () => pieces[chance(pieces.length)]).join("")}`
      const type = types[chance(types.length)]!
      const method = methods[chance(methods.length)]!
      const answer = await request(server, target.replaceAll(" ", ""), {
        method,
        body: bodies[chance(bodies.length)]!,
        headers: type === "" ? {} : { "content-type": type }
      })
      if (answer.status >= 400 && method !== "HEAD") {
        const { error } = answer.json<{ error: { kind: string } }>()
        assert.isString(error.kind)
        assert.notStrictEqual(error.kind, "Internal", `${method} ${target}: ${answer.text}`)
        assert.notInclude(answer.text, server.directory)
      }
    }
    assert.strictEqual((await request(server, "/healthz")).status, 200)
  })

  it("1,000 clients that connect, ask for a tail and vanish leave nothing behind", async () => {
    const server = await startServer()
    await createPool(server, "p")
    for (let round = 0; round < 20; round++) {
      const sockets = Array.from({ length: 50 }, () => net.connect(server.port, "127.0.0.1"))
      for (const [index, socket] of sockets.entries()) {
        socket.on("error", () => undefined)
        socket.write("GET /v0/pools/p/tail HTTP/1.1\r\nhost: 127.0.0.1\r\n".slice(0, index % 3 === 0 ? 20 : undefined))
        if (index % 3 === 1) socket.write("\r\n")
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
      for (const socket of sockets) socket.destroy()
    }
    const startedAt = performance.now()
    for (;;) {
      const { text } = await request(server, "/metrics")
      if (/^plasmite_tails_open 0$/m.test(text) && /^plasmite_connections_open 1$/m.test(text)) break
      assert.isBelow(performance.now() - startedAt, 15_000, text)
    }
    assert.strictEqual(await append(server, "p", {}), 1)
  })
})

describe("what the server says of itself", () => {
  it("version, limits and features; no secret", async () => {
    const server = await startServer({ token: "t", access: "write-only", maxBodyBytes: 5000 })
    const answer = await request(server, "/v0/server", { headers: { authorization: "Bearer t" } })
    const { server: told } = answer.json<{ server: Record<string, unknown> }>()
    assert.deepInclude(told, { version, api: 0, access: "write-only", auth: "bearer" })
    assert.strictEqual((told["limits"] as Record<string, unknown>)["max_body_bytes"], 5000)
    assert.strictEqual((told["features"] as Array<string>).join(" "), answer.headers["plasmite-features"])
    const manifest = JSON.parse(fs.readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string
    }
    assert.strictEqual(version, manifest.version)
  })

  it("metrics count what happened, in a form that Prometheus reads", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const read = async (): Promise<Map<string, number>> => {
      const { headers, text } = await request(server, "/metrics")
      assert.match(headers["content-type"] ?? "", /^text\/plain/)
      for (const line of text.trimEnd().split("\n")) {
        assert.match(line, /^(# (HELP|TYPE) [a-zA-Z_:][\w:]* .+|[a-zA-Z_:][\w:]*(\{(\w+="[^"]*",?)+\})? -?[\d.e+-]+)$/)
      }
      return new Map(
        text
          .split("\n")
          .filter((line) => line !== "" && !line.startsWith("#"))
          .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))])
      )
    }
    const before = await read()
    for (let n = 0; n < 3; n++) await append(server, "p", { n })
    await request(server, "/v0/pools/p/messages/9")
    await request(server, "/v0/pools/p/tail?max=2")
    const after = await read()
    const rise = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0)
    assert.strictEqual(rise("plasmite_appended_messages_total"), 3)
    assert.isAbove(rise("plasmite_appended_bytes_total"), 1000)
    assert.strictEqual(rise("plasmite_tail_messages_total"), 2)
    assert.strictEqual(rise('plasmite_http_requests_total{route="append",status="200"}'), 3)
    assert.strictEqual(rise('plasmite_http_requests_total{route="get",status="404"}'), 1)
    assert.strictEqual(rise('plasmite_http_request_seconds_count{route="append"}'), 3)
    const buckets = [...after].filter(([name]) =>
      name.startsWith('plasmite_http_request_seconds_bucket{route="append"')
    )
    assert.strictEqual(buckets.at(-1)?.[0].includes('le="+Inf"'), true)
    for (let index = 1; index < buckets.length; index++) assert.isAtLeast(buckets[index]![1], buckets[index - 1]![1])
  })
})

describe("the end", () => {
  it("105, 108: an idle server stops at once, whatever connections were opened and dropped", async () => {
    const server = await startServer()
    const agent = new http.Agent({ keepAlive: true })
    await request(server, "/healthz", { agent })
    const dropped = net.connect(server.port, "127.0.0.1")
    await new Promise((resolve) => dropped.once("connect", resolve))
    dropped.destroy()
    const open = net.connect(server.port, "127.0.0.1")
    await new Promise((resolve) => open.once("connect", resolve))
    const startedAt = performance.now()
    await server.stop()
    assert.isBelow(performance.now() - startedAt, 3000)
    agent.destroy()
    open.destroy()
  })

  it("106: open tails end cleanly, requests under way are answered, new ones are not", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, "p", { n: 1 })
    const tails = await Promise.all(
      ["/v0/pools/p/tail", "/v0/pools/p/tail_lite3", "/v0/ui/pools/p/events"].flatMap((route) =>
        Array.from({ length: 4 }, () => follow(server, route))
      )
    )
    for (const tail of tails) await eventually("a message", () => tail.bytes().length > 20)
    const outgoing = http.request({
      port: server.port,
      method: "POST",
      path: "/v0/pools/p/append",
      agent: false,
      headers: { "content-type": "application/json", "content-length": 13 }
    })
    const answered = new Promise<number>((resolve, reject) => {
      outgoing.on("response", (incoming) => resolve(incoming.resume().statusCode ?? 0))
      outgoing.on("error", reject)
    })
    outgoing.write('{"data":')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const startedAt = performance.now()
    const stopped = server.stop()
    outgoing.end("{}  }")
    assert.strictEqual(await answered, 200)
    await stopped
    assert.isBelow(performance.now() - startedAt, 5000)
    for (const tail of tails) assert.strictEqual(await tail.ended, "clean")
    const late = await request(server, "/healthz").catch((error: NodeJS.ErrnoException) => error.code)
    assert.strictEqual(late, "ECONNREFUSED")
  })

  it("a request that never ends does not hold the server", async () => {
    const server = await startServer({ shutdownMillis: 300 })
    const socket = net.connect(server.port, "127.0.0.1", () =>
      socket.write(
        "POST /v0/pools HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"
      )
    )
    socket.on("error", () => undefined)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const startedAt = performance.now()
    await server.stop()
    const elapsedMillis = performance.now() - startedAt
    assert.isTrue(elapsedMillis >= 250 && elapsedMillis < 2500, `${elapsedMillis}`)
    socket.destroy()
  })

  it("an address that is taken is an Io error that says so", async () => {
    const server = await startServer()
    const error = await startServer({ port: server.port }).then(
      () => "started",
      (failure: unknown) => String(failure)
    )
    assert.match(error, /EADDRINUSE/)
  })
})
