// Attacks in the shape of a request: methods, expectations, codings and hosts that a server may take for something else
// than whoever stands before it does.
import { assert, describe, it } from "vitest"
import { gzipSync } from "node:zlib"
import { connected, converse, gauge, newest, post, statuses } from "./attack.js"
import { createPool, eventually, freshDirectory, refused, request, startServer, type TestServer } from "./server.js"

const appendPath = "/v0/pools/p/append"
const one = '{"data":{"n":1}}'
const common = "host: 127.0.0.1\r\nconnection: close\r\n"
const head = `POST ${appendPath} HTTP/1.1\r\n${common}content-type: application/json\r\n`
const withLength = (headers: string, body: string | Buffer = one): Buffer =>
  Buffer.concat([Buffer.from(`${head}${headers}content-length: ${body.length}\r\n\r\n`), Buffer.from(body)])

/** The one answer: its status, an envelope of this kind, the header that all have. */
const answered = async (server: TestServer, content: string | Buffer, status: number, kind = "Usage") => {
  const said = await converse(server, content)
  assert.deepStrictEqual(statuses(said), [status], `${String(content).slice(0, 100)}: ${said}`)
  assert.match(said, /\r\nplasmite-version: 0\r\n/i)
  assert.include(said, `"kind":"${kind}"`)
  return said
}

describe("shapes of requests", () => {
  it("104: expectations, proxying and methods of others are refused with an envelope", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await answered(server, withLength("expect: 200-maybe\r\n"), 417)
    await answered(server, `CONNECT evil.example:443 HTTP/1.1\r\n${common}\r\n`, 405)
    await answered(server, `BREW /v0/pools HTTP/1.1\r\n${common}\r\n`, 400)
    await answered(server, `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, 400)
    for (const method of ["TRACE", "PATCH", "PURGE", "PROPFIND", "OPTIONS"]) {
      const said = await answered(server, `${method} /v0/pools HTTP/1.1\r\n${common}\r\n`, 405)
      assert.match(said, /\r\nallow: GET, HEAD, POST\r\n/i)
    }
    await answered(server, `GET http://evil.example/v0/pools HTTP/1.1\r\n${common}\r\n`, 400)
    assert.strictEqual(await newest(server), 0)
  })

  it("85: a request without a host, or with two, is refused, whichever of them is ours", async () => {
    const server = await startServer()
    const get = (headers: string): string => `GET /v0/pools HTTP/1.1\r\nconnection: close\r\n${headers}\r\n`
    await answered(server, get(""), 400)
    await answered(server, get("host: 127.0.0.1\r\nhost: evil.example\r\n"), 400)
    await answered(server, get("Host: evil.example\r\nhOST: 127.0.0.1\r\n"), 400)
    await answered(server, get("host: evil.example\r\n"), 403, "Permission")
    assert.deepStrictEqual(statuses(await converse(server, "GET /v0/pools HTTP/1.0\r\n\r\n")), [200])
  })

  it("a body in a coding is not taken for what it would be without", async () => {
    const server = await startServer()
    await createPool(server, "p")
    for (const coding of ["gzip", "br", "deflate", "x, gzip"]) {
      const said = await answered(server, withLength(`content-encoding: ${coding}\r\n`, gzipSync(one)), 415)
      assert.include(said, "not compressed")
    }
    const chunks = `${one.length.toString(16)}\r\n${one}\r\n0\r\n\r\n`
    await answered(server, `${head}transfer-encoding: gzip, chunked\r\n\r\n${chunks}`, 400)
    refused(
      await request(server, "/v0/pools", { body: { pool: "q" }, headers: { "content-encoding": "gzip" } }),
      415,
      "Usage"
    )
    assert.strictEqual(await newest(server), 0)
    assert.deepStrictEqual(statuses(await converse(server, withLength("content-encoding: identity\r\n"))), [200])
    assert.deepStrictEqual(
      statuses(await converse(server, `${head}transfer-encoding: Chunked\r\n\r\n${chunks}`)),
      [200]
    )
    assert.strictEqual(await newest(server), 2)
  })

  it("24: bytes that are no UTF-8 are refused, not replaced", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const text = (...bytes: ReadonlyArray<number>): Buffer =>
      Buffer.concat([Buffer.from('{"data":{"a":"'), Buffer.from(bytes), Buffer.from('"}}')])
    // A byte that begins nothing, an overlong slash, half a pair, a character that is cut off, one beyond Unicode.
    const bad = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf5, 0x80, 0x80, 0x80]]
    for (const bytes of bad) {
      const said = await answered(server, withLength("", text(...bytes)), 400)
      assert.include(said, "not UTF-8")
      const lines = await request(server, appendPath, {
        body: Buffer.concat([Buffer.from(`${one}\n`), text(...bytes)]),
        headers: { "content-type": "application/x-ndjson" }
      })
      assert.include(refused(lines, 400, "Usage").message, "not UTF-8")
    }
    refused(
      await request(server, "/v0/pools", {
        body: Buffer.concat([Buffer.from('{"pool":"'), Buffer.from([0xff]), Buffer.from('"}')]),
        headers: { "content-type": "application/json" }
      }),
      400,
      "Usage"
    )
    refused(
      await request(server, appendPath, {
        body: Buffer.from(`\ufeff${one}`, "utf16le"),
        headers: { "content-type": "application/json; charset=utf-16" }
      }),
      400,
      "Usage"
    )
    assert.strictEqual(await newest(server), 0)
    const good = await request(server, appendPath, {
      body: text(0xf0, 0x9f, 0x98, 0x80),
      headers: { "content-type": "application/json" }
    })
    assert.strictEqual(good.json<{ message: { data: { a: string } } }>().message.data.a, "😀")
  })

  it("wishes for another protocol are passed over, and nothing is said behind them", async () => {
    const server = await startServer({ maxTailConcurrency: 1 })
    await createPool(server, "p")
    const wishes = [
      "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZQ==\r\n",
      "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
    ]
    for (const wish of wishes) {
      const tail = `GET /v0/pools/p/tail?max=0 HTTP/1.1\r\nhost: 127.0.0.1\r\n${wish}\r\n`
      const said = await converse(server, `${tail}${tail}`)
      assert.deepStrictEqual(statuses(said), [200])
      assert.match(said, /\r\nconnection: close\r\n/i)
      assert.notInclude(said.toLowerCase(), "upgrade")
      await converse(server, `GET /v0/ui/pools/p/events HTTP/1.1\r\nhost: 127.0.0.1\r\n${wish}\r\n`, 300).catch(
        () => ""
      )
    }
    const deadline = performance.now() + 2000
    while ((await gauge(server, "tails_open")) > 0) assert.isBelow(performance.now(), deadline, "a slot is kept")
    assert.strictEqual((await request(server, "/v0/pools/p/tail?max=0")).status, 200)
  })

  it("HEAD says what GET would, has no body, and takes no tail's place", async () => {
    const server = await startServer({ maxTailConcurrency: 1 })
    await createPool(server, "p")
    await request(server, appendPath, { body: { data: { n: 1 } } })
    const paths = ["/v0/pools", "/v0/pools/p/info", "/v0/pools/p/messages/1", "/healthz", "/v0/server", "/openapi.json"]
    for (const path of paths) {
      const got = await request(server, path)
      const said = await converse(server, `HEAD ${path} HTTP/1.1\r\n${common}\r\n`)
      assert.deepStrictEqual(statuses(said), [200], path)
      assert.isTrue(said.endsWith("\r\n\r\n"), `${path}: ${said.slice(-100)}`)
      assert.include(said.toLowerCase(), `content-type: ${got.headers["content-type"]}`)
    }
    const tails = ["/v0/pools/p/tail", "/v0/pools/p/tail_lite3", "/v0/ui/pools/p/events", "/v0/ui/stats"]
    for (const path of [...tails, ...tails]) {
      const said = await converse(server, `HEAD ${path} HTTP/1.1\r\n${common}\r\n`, 2000)
      assert.deepStrictEqual(statuses(said), [200], path)
      assert.isTrue(said.endsWith("\r\n\r\n"), path)
    }
  })

  it("what is sent behind a refusal is not another request's answer", async () => {
    const server = await startServer({ token: "t" })
    const refusedFirst = post("/v0/pools", '{"pool":"a"}', "", "keep-alive")
    const allowed = post("/v0/pools", '{"pool":"b"}', "authorization: Bearer t\r\n")
    assert.deepStrictEqual(statuses(await converse(server, refusedFirst + allowed)), [401, 200])
    const hidden = `GET /v0/pools HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer t\r\n\r\n`
    const said = await converse(server, post("/v0/pools", hidden, ""))
    assert.deepStrictEqual(statuses(said), [401])
    assert.notInclude(said, 'plasmite"')
  })
})

describe("a crowd", () => {
  it("of requests for paths that are all different, and names as well, leaves nothing that grows, and no path behind", async () => {
    const directory = freshDirectory()
    const server = await startServer({ directory })
    const sockets = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const requests = Array.from(
          { length: 100 },
          (_, turn) => `GET /v0/pools/n${index}-${turn}/info?x=${"y".repeat(turn)} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`
        )
        return converse(server, `${requests.join("")}GET /healthz HTTP/1.1\r\n${common}\r\n`, 20_000)
      })
    )
    for (const said of sockets) {
      assert.deepStrictEqual(statuses(said), [...Array.from({ length: 100 }, () => 404), 200])
      assert.notInclude(said, directory)
    }
    // What was known by heart before was forgotten, not mixed up.
    await createPool(server, "n1-1")
    assert.strictEqual((await request(server, "/v0/pools/n1-1/info")).status, 200)
    refused(await request(server, "/v0/pools/n1-2/info"), 404, "NotFound")
  })

  it("of requests on one connection is served one after the other, however large the answers", async () => {
    const server = await startServer()
    await createPool(server, "p", 8 * 1024 * 1024)
    await request(server, appendPath, { body: { data: { text: "x".repeat(900_000) } } })
    const get = `GET /v0/pools/p/messages/1 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`
    assert.strictEqual((await request(server, "/v0/pools/p/messages/1")).status, 200)
    const before = await answeredRequests(server)
    assert.isAbove(before, 0)
    const deaf = await Promise.all(Array.from({ length: 5 }, () => connected(server, get.repeat(500))))
    for (const socket of deaf) socket.pause()
    const began = performance.now()
    for (let turn = 0; turn < 3; turn++) {
      assert.strictEqual((await request(server, appendPath, { body: { data: { turn } } })).status, 200)
    }
    assert.isBelow(performance.now() - began, 5000)
    await new Promise((resolve) => setTimeout(resolve, 500))
    // What the system's buffers take is answered; the rest is not even read from the pool.
    assert.isBelow((await answeredRequests(server)) - before, 5 * 50)
    for (const socket of deaf) socket.destroy()
  })

  it("of clients that ask and do not listen costs them their connection, and the others nothing", async () => {
    const server = await startServer({ stalledWriterMillis: 300 })
    await createPool(server, "p", 8 * 1024 * 1024)
    await request(server, appendPath, { body: { data: { text: "x".repeat(900_000) } } })
    const get = `GET /v0/pools/p/messages/1 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`
    const deaf = await Promise.all(Array.from({ length: 20 }, () => connected(server, get.repeat(30))))
    const gone = new Set<unknown>()
    for (const socket of deaf) {
      socket.pause()
      socket.on("close", () => gone.add(socket))
    }
    assert.strictEqual((await request(server, appendPath, { body: { data: { n: 2 } } })).status, 200)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    for (const socket of deaf) socket.resume()
    await eventually("each deaf client is cut off", () => gone.size === deaf.length, 10_000)
  })
})

/** How many messages the server has read out for single requests. */
const answeredRequests = async (server: TestServer): Promise<number> => {
  const { text } = await request(server, "/metrics")
  return Number(/^plasmite_http_requests_total\{route="get",status="200"\} (\d+)$/m.exec(text)?.[1] ?? 0)
}
