// Attacks below the protocol: bytes that mean two things, too much of anything, too slow, too late.
import * as net from "node:net"
import { assert, describe, it } from "vitest"
import { connected, converse, gauge, newest, post, seeded, statuses } from "./attack.js"
import { append, createPool, eventually, refused, request, startServer } from "./server.js"

const appendPath = "/v0/pools/p/append"
const one = '{"data":{"n":1}}'
const head = `POST ${appendPath} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n`

describe("bytes that mean two things", () => {
  it("two lengths, or a length and chunks, are refused, and what is hidden behind is no request", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const hidden = post(appendPath, '{"data":{"smuggled":true}}')
    const attacks = [
      `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `${head}transfer-encoding: chunked\r\ncontent-length: ${one.length}\r\n\r\n${one}${hidden}`,
      `${head}content-length: 3\r\ncontent-length: ${one.length}\r\n\r\n${one}${hidden}`,
      `${head}content-length: 3, ${one.length}\r\n\r\n${one}${hidden}`,
      `${head}content-length: +${one.length}\r\n\r\n${one}${hidden}`,
      `${head}content-length: -1\r\n\r\n${one}${hidden}`,
      `${head}content-length : ${one.length}\r\n\r\n${one}${hidden}`,
      `${head}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
      `${head}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
      `${head}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
      `${head}transfer-encoding: chunked\r\n\r\n-1\r\n${one}\r\n0\r\n\r\n${hidden}`,
      `${head}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n${one}\r\n0\r\n\r\n${hidden}`,
      `${head}transfer-encoding: chunked\r\n\r\n10;${"x".repeat(20_000)}\r\n${one}\r\n0\r\n\r\n${hidden}`,
      `${head}x: a\nb: c\r\n x: folded\r\ncontent-length: ${one.length}\r\n\r\n${one}${hidden}`,
      `${head}x: \u0000\r\ncontent-length: ${one.length}\r\n\r\n${one}${hidden}`
    ]
    for (const attack of attacks) {
      const said = await converse(server, attack)
      assert.isTrue(
        statuses(said).every((status) => status === 400 || status === 413),
        `${JSON.stringify(attack.slice(80, 180))}: ${said}`
      )
      assert.isAtMost(statuses(said).length, 1)
      assert.notInclude(said, server.directory)
    }
    assert.strictEqual(await newest(server), 0)
    assert.strictEqual(await append(server, "p", {}), 1)
  })

  it("requests sent without waiting are each answered once, in their order", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const bodies = ['{"data":{"n":0}}', '{"data":7}', '{"data":{"n":2},"durability":"flush"}', '{"data":{"n":3}}', "{"]
    const all = Array.from({ length: 100 }, (_, index) => bodies[index % bodies.length]!)
    const text = all.map((body) => post(appendPath, body, "", "keep-alive")).join("")
    const said = await converse(server, text + "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
    const expected = all.map((_, index) => (index % 5 === 1 || index % 5 === 4 ? 400 : 200))
    assert.deepStrictEqual(statuses(said), [...expected, 200])
    const seqs = Array.from(said.matchAll(/"message":\{"seq":(\d+)/g), ([, seq]) => Number(seq))
    assert.deepStrictEqual(
      seqs,
      Array.from({ length: 60 }, (_, index) => index + 1)
    )
  })
})

describe("too much", () => {
  it("headers, names of headers and queries without end are refused; many parameters are not", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const get = (path: string, headers = ""): string =>
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n${headers}\r\n`
    const short = Array.from({ length: 5000 }, (_, index) => `a${index}: 1\r\n`).join("")
    for (const attack of [
      get("/v0/pools", short),
      get("/v0/pools", `${"n".repeat(20_000)}: 1\r\n`),
      get(`/v0/pools?${"q".repeat(40_000)}`),
      get(`/${"p/".repeat(20_000)}`)
    ]) {
      assert.match(await converse(server, attack), /^HTTP\/1\.1 431 [^]*"kind":"Usage"/)
    }
    const many = Array.from({ length: 2000 }, (_, index) => `p${index}`).join("&")
    assert.deepStrictEqual(statuses(await converse(server, get(`/v0/pools/p/tail?max=0&${many}`))), [200])
    const tags = Array.from({ length: 2000 }, () => "tag=x").join("&")
    assert.deepStrictEqual(statuses(await converse(server, get(`/v0/pools/p/tail?max=0&${tags}`))), [400])
    const few = Array.from({ length: 500 }, (_, index) => `h${index}: 1\r\n`).join("")
    assert.deepStrictEqual(statuses(await converse(server, get("/healthz", few))), [200])
  })

  it("what a guard looks at is found behind thousands of headers", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const noise = "a:\r\n".repeat(3000)
    const foreign = await converse(server, post(appendPath, one, `${noise}origin: https://evil.example\r\n`))
    assert.match(foreign, /^HTTP\/1\.1 403 /)
    const rebound = await converse(server, `GET /v0/pools HTTP/1.0\r\n${noise}host: evil.example\r\n\r\n`)
    assert.match(rebound, /^HTTP\/1\.1 403 /)
    assert.strictEqual(await newest(server), 0)
  })

  it("a body that grows beyond the limit is refused when it does, not at its end", async () => {
    const server = await startServer({ maxBodyBytes: 10_000 })
    await createPool(server, "p")
    const chunk = `1000\r\n${"x".repeat(4096)}\r\n`
    const socket = await connected(server, `${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(3)}`)
    const answer = await new Promise<string>((resolve) =>
      socket.once("data", (bytes: Buffer) => resolve(String(bytes)))
    )
    assert.match(answer, /^HTTP\/1\.1 413 /)
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
    const sending = setInterval(() => socket.write(chunk), 5)
    await closed
    clearInterval(sending)
    assert.strictEqual(await append(server, "p", {}), 1)
  })
})

describe("too slow, or gone", () => {
  it("heads and bodies that trickle are cut, and meanwhile others are served", async () => {
    const server = await startServer({ headersTimeoutMillis: 800, requestTimeoutMillis: 1200 })
    await createPool(server, "p")
    const starts = [
      "GET /healthz HTTP/1.1\r\n",
      `${head}content-length: 1000\r\n\r\n`,
      `${head}transfer-encoding: chunked\r\n\r\n`
    ]
    const sockets = await Promise.all(Array.from({ length: 60 }, (_, index) => connected(server, starts[index % 3]!)))
    let open = sockets.length
    for (const socket of sockets) socket.resume().on("close", () => open--)
    const drips = ["x-a: b\r\n", "{", "1\r\n{\r\n"]
    const dripping = setInterval(() => {
      for (const [index, socket] of sockets.entries()) if (socket.writable) socket.write(drips[index % 3]!)
    }, 100)
    for (let n = 1; n <= 5; n++) assert.strictEqual(await append(server, "p", { n }), n)
    await eventually("all are cut", () => open === 0, 8000)
    clearInterval(dripping)
    assert.strictEqual(await gauge(server, "connections_open"), 1)
  })

  it("54: 1,000 tails whose clients drop them leave each slot free within a second", async () => {
    const server = await startServer({ maxTailConcurrency: 100 })
    await createPool(server, "p")
    for (let round = 0; round < 10; round++) {
      const tails = await Promise.all(
        Array.from({ length: 100 }, () => connected(server, "GET /v0/pools/p/tail HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"))
      )
      const statuses = await Promise.all(
        tails.map((socket) => new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data)))))
      )
      assert.isTrue(statuses.every((text) => text.startsWith("HTTP/1.1 200 ")))
      refused(await request(server, "/v0/pools/p/tail"), 423, "Busy")
      for (const socket of tails) socket.destroy()
      const droppedAt = performance.now()
      while ((await gauge(server, "tails_open")) > 0) assert.isBelow(performance.now() - droppedAt, 1000)
    }
    assert.strictEqual(await append(server, "p", {}), 1)
  })

  it("appends whose clients vanish half-way, or before the answer, take no slot with them", async () => {
    const server = await startServer({ maxTailConcurrency: 2 })
    await createPool(server, "p")
    const requests = [
      post(appendPath, one),
      `${head}content-length: 99\r\n\r\n{"data":`,
      `${head}expect: 100-continue\r\n\r\n`
    ]
    for (let round = 0; round < 300; round++) {
      const socket = await connected(server, requests[round % 3]!)
      if (round % 2 === 0) socket.destroy()
      else socket.resetAndDestroy()
    }
    const startedAt = performance.now()
    while ((await gauge(server, "connections_open")) > 1) assert.isBelow(performance.now() - startedAt, 1000)
    const both = await Promise.all([append(server, "p", {}), append(server, "p", {})])
    assert.strictEqual(Math.abs(both[0] - both[1]), 1)
    assert.strictEqual(await gauge(server, "tails_open"), 0)
  })

  it("answers that nobody reads do not stay", async () => {
    const server = await startServer({ stalledWriterMillis: 300 })
    await createPool(server, "p", 16 * 1024 * 1024)
    await append(server, "p", { pad: "x".repeat(900_000) })
    const ask = "GET /v0/pools/p/messages/1 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    const sockets = await Promise.all(Array.from({ length: 10 }, () => connected(server, ask.repeat(20))))
    for (const socket of sockets) socket.pause()
    const startedAt = performance.now()
    while ((await gauge(server, "connections_open")) > 1) {
      assert.isBelow(performance.now() - startedAt, 8000)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    for (const socket of sockets) socket.destroy()
  })
})

describe("noise", () => {
  it("heads with bytes changed at random, tokens among them, never open or end the server", async () => {
    const token = "correct-horse-battery-staple"
    const server = await startServer({ token })
    const valid = `GET /v0/pools HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`
    assert.deepStrictEqual(statuses(await converse(server, valid)), [200])
    const chance = seeded(20_261_123)
    const from = valid.indexOf(token)
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(valid)
      // Within the token always, so that none of them is right.
      const at = from + chance(token.length)
      bytes[at] = (bytes[at]! + 1 + chance(254)) & 0xff
      for (let more = chance(4); more > 0; more--) bytes[chance(valid.length - 4)] = chance(256)
      const said = await new Promise<string>((resolve) => {
        const socket = net.connect(server.port, "127.0.0.1", () => socket.end(bytes))
        let text = ""
        socket.on("data", (piece: Buffer) => (text += piece.toString("latin1")))
        socket.on("error", () => undefined)
        socket.on("close", () => resolve(text))
      })
      const [status] = statuses(said)
      // The open routes need none, and a changed path may lead to one; no pool is told.
      assert.notInclude(said, '"pools"', JSON.stringify(bytes.toString("latin1")))
      assert.isTrue(status === undefined || (status >= 400 && status < 500), said)
      assert.notInclude(said, token)
    }
    assert.deepStrictEqual(statuses(await converse(server, valid)), [200])
  })
})
