// Messages over HTTP. Numbers in names of tests are those of the protocol's acceptance statements.
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { append, createPool, follow, refused, request, startServer, type TestServer } from "./server.js"

interface MessageAnswer {
  readonly message: {
    readonly seq: number
    readonly time: string
    readonly meta: { readonly tags: ReadonlyArray<string> }
    readonly data: unknown
  }
}

const payloadType = { "content-type": "application/x-plasmite-lite3" }

const encoded = (server: TestServer, bytes: Uint8Array, headers: Record<string, string> = payloadType) =>
  request(server, "/v0/pools/p/append_lite3", { body: bytes, headers })

const newest = async (server: TestServer): Promise<number | undefined> =>
  (await request(server, "/v0/pools/p/info")).json<{ pool: { bounds: { newest?: number } } }>().pool.bounds.newest

describe("messages", () => {
  it("16, 17, 18, 20: what is appended is echoed and read back; numbers count from 1", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const body = { data: { b: [1, { c: null }], a: "ü☃𝄞" }, tags: ["x", "y", "x"], unknown: 1 }
    const answer = await request(server, "/v0/pools/p/append", { body })
    const { message } = answer.json<MessageAnswer>()
    assert.deepStrictEqual([message.seq, message.meta.tags, message.data], [1, ["x", "y", "x"], body.data])
    const read = await request(server, "/v0/pools/p/messages/1")
    assert.strictEqual(read.text, answer.text)
    assert.deepStrictEqual(read.headers["content-type"], "application/json")
    const second = await request(server, "/v0/pools/p/append", { body: { data: {}, tags: null, durability: null } })
    assert.deepStrictEqual(
      [second.json<MessageAnswer>().message.seq, second.json<MessageAnswer>().message.meta.tags],
      [2, []]
    )
    assert.strictEqual(await append(server, "p", { flushed: 1 }), 3)
    const flushed = await request(server, "/v0/pools/p/append", { body: { data: {}, durability: "flush" } })
    assert.strictEqual(flushed.json<MessageAnswer>().message.seq, 4)
  })

  it("numbers keep their digits", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const data = '{"big":9007199254740993,"one":1.0,"small":5e-324,"wide":18446744073709551}'
    const answer = await request(server, "/v0/pools/p/append", {
      body: `{"data":${data}}`,
      headers: { "content-type": "application/vnd.example+json; charset=utf-8" }
    })
    for (const digits of ["9007199254740993", '"one":1.0', "5e-324"]) assert.include(answer.text, digits)
    const read = await request(server, "/v0/pools/p/messages/1")
    assert.strictEqual(read.text, answer.text)
    const tail = await request(server, "/v0/pools/p/tail?max=1")
    assert.strictEqual(`{"message":${tail.text.trim()}}`, answer.text)
  })

  it("19, 21, 23: what is no message is refused and stores nothing", async () => {
    const server = await startServer()
    await createPool(server, "p", 32_768)
    const bodies: ReadonlyArray<unknown> = [
      { data: 5 },
      { data: "text" },
      { data: [1] },
      { data: null },
      {},
      { tags: [] },
      [],
      { data: {}, tags: "x" },
      { data: {}, tags: [1] },
      { data: {}, durability: "sometimes" },
      { data: { huge: "x".repeat(40_000) } }
    ]
    for (const body of bodies) refused(await request(server, "/v0/pools/p/append", { body }), 400, "Usage")
    refused(await request(server, "/v0/pools/missing/append", { body: { data: {} } }), 404, "NotFound")
    assert.isUndefined(await newest(server))
  })

  it("24: bodies that are no JSON have an envelope, and a status for each fault", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const json = { "content-type": "application/json" }
    for (const body of ["{", '{"data":', '{"data":{}} x', "\u0000", '{"data":{"a":1e999}}', ""]) {
      const answer = await request(server, "/v0/pools/p/append", { body, headers: json, method: "POST" })
      refused(answer, 400, "Usage")
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"]) {
      const answer = await request(server, "/v0/pools/p/append", { body: "{}", headers: { "content-type": type } })
      refused(answer, 415, "Usage")
    }
    refused(await request(server, "/v0/pools/p/append", { body: "{}" }), 415, "Usage")
    refused(await request(server, "/v0/pools", { body: "{}", headers: { "content-type": "text/plain" } }), 415, "Usage")
    refused(await request(server, "/v0/pools", { body: "{", headers: json }), 400, "Usage")
    const deep = `{"data":${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}`
    refused(await request(server, "/v0/pools/p/append", { body: deep, headers: json }), 400, "Usage")
  })

  it("22: a number that is not retained is NotFound with its number", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, "p", {})
    assert.strictEqual(refused(await request(server, "/v0/pools/p/messages/9"), 404, "NotFound").seq, 9)
    refused(await request(server, "/v0/pools/p/messages/0"), 404, "NotFound")
    refused(await request(server, "/v0/pools/p/messages/18446744073709551615"), 404, "NotFound")
    for (const seq of ["x", "-1", "1.0", "1e3", "18446744073709551616", ""]) {
      refused(await request(server, `/v0/pools/p/messages/${seq}`), 400, "Usage")
    }
    refused(await request(server, "/v0/pools/p/messages/1/"), 404, "NotFound")
  })

  it("25: times are RFC 3339 in UTC and follow the clock", async () => {
    const server = await startServer()
    await createPool(server, "p")
    let previous = Date.now() - 1
    for (let n = 0; n < 20; n++) {
      const answer = await request(server, "/v0/pools/p/append", { body: { data: { n } } })
      const { time } = answer.json<MessageAnswer>().message
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/)
      const millis = Date.parse(time)
      assert.isTrue(millis >= previous - 1 && millis <= Date.now() + 1, time)
      previous = millis
    }
  })

  it("NDJSON: one lock, consecutive numbers, all or none", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, "p", { first: true })
    const lines = Array.from({ length: 100 }, (_, n) => JSON.stringify({ data: { n }, tags: [`t${n % 3}`] }))
    const body = `${lines.slice(0, 50).join("\n")}\n\n${lines.slice(50).join("\r\n")}`
    for (const type of ["application/x-ndjson", "application/jsonl", "application/ndjson; charset=utf-8"]) {
      const before = (await newest(server)) ?? 0
      const answer = await request(server, "/v0/pools/p/append?durability=flush", {
        body,
        headers: { "content-type": type }
      })
      assert.strictEqual(answer.status, 200, answer.text)
      const { appended } = answer.json<{ appended: Record<string, unknown> }>()
      assert.deepStrictEqual(
        [appended["first_seq"], appended["last_seq"], appended["count"]],
        [before + 1, before + 100, 100]
      )
      const read = await request(server, `/v0/pools/p/messages/${before + 53}`)
      const { message } = read.json<MessageAnswer>()
      assert.deepStrictEqual([message.data, message.meta.tags, message.time], [{ n: 52 }, ["t1"], appended["time"]])
    }
    const bad = [...lines.slice(0, 3), '{"data":7}', ...lines.slice(3)].join("\n")
    const headers = { "content-type": "application/x-ndjson" }
    const error = refused(await request(server, "/v0/pools/p/append", { body: bad, headers }), 400, "Usage")
    assert.include(error.message, "line 4")
    refused(await request(server, "/v0/pools/p/append", { body: "\n\n", headers }), 400, "Usage")
    refused(await request(server, "/v0/pools/p/append?durability=x", { body: lines[0]!, headers }), 400, "Usage")
    assert.strictEqual(await newest(server), 301)
  })
})

describe("encoded payloads", () => {
  it("26, 27, 28, 32: bytes pass unchanged, in and out and through the tail", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, "p", { text: "hello", list: [1, 2] }, ["a"])
    const read = await request(server, "/v0/pools/p/messages/1/lite3")
    assert.deepStrictEqual(
      [read.headers["content-type"], read.headers["plasmite-seq"]],
      ["application/x-plasmite-lite3", "1"]
    )
    const answer = await encoded(server, read.bytes)
    assert.deepStrictEqual(answer.json<MessageAnswer>().message.seq, 2)
    assert.deepStrictEqual(answer.json<MessageAnswer>().message.data, { text: "hello", list: [1, 2] })
    assert.deepStrictEqual((await request(server, "/v0/pools/p/messages/2/lite3")).bytes, read.bytes)
    assert.strictEqual((await encoded(server, read.bytes, {})).json<MessageAnswer>().message.seq, 3)
    const tail = await request(server, "/v0/pools/p/tail_lite3?since_seq=2&max=1")
    assert.strictEqual(tail.headers["content-type"], "application/x-plasmite-lite3-stream")
    assert.strictEqual(tail.bytes.length, 20 + read.bytes.length)
    assert.strictEqual(tail.bytes.readBigUInt64BE(0), 2n)
    const stored = await server.run(Effect.flatMap(server.pools.open("p"), (pool) => pool.get(2)))
    assert.strictEqual(tail.bytes.readBigUInt64BE(8), stored.timestampNanoseconds)
    assert.strictEqual(tail.bytes.readUInt32BE(16), read.bytes.length)
    assert.deepStrictEqual(tail.bytes.subarray(20), read.bytes)
  })

  it("29: damage is said before a frame is sent, or the stream is cut", async () => {
    const server = await startServer()
    await createPool(server, "p")
    for (let n = 1; n <= 3; n++) await append(server, "p", { n, text: "some text" })
    const { ringOffset } = await server.run(server.pools.info("p"))
    const file = path.join(server.directory, "p.plasmite")
    const bytes = fs.readFileSync(file)
    const at = bytes.indexOf("some text", bytes.indexOf("some text", ringOffset) + 9)
    bytes[at]! ^= 0x01
    fs.writeFileSync(file, bytes)
    assert.strictEqual(refused(await request(server, "/v0/pools/p/messages/2/lite3"), 500, "Corrupt").seq, 2)
    assert.strictEqual(refused(await request(server, "/v0/pools/p/messages/2"), 500, "Corrupt").seq, 2)
    refused(await request(server, "/v0/pools/p/tail_lite3?since_seq=2&timeout_ms=500"), 500, "Corrupt")
    const reading = await follow(server, "/v0/pools/p/tail_lite3?since_seq=1&timeout_ms=2000")
    assert.strictEqual(await reading.ended, "cut")
    assert.strictEqual(reading.bytes().readBigUInt64BE(0), 1n)
    const lines = await request(server, "/v0/pools/p/tail?timeout_ms=2000")
    const last = JSON.parse(lines.text.trim().split("\n").at(-1)!) as { error: { kind: string; seq: number } }
    assert.deepStrictEqual([last.error.kind, last.error.seq], ["Corrupt", 2])
    assert.strictEqual(lines.text.trim().split("\n").length, 2)
    const after = await request(server, "/v0/pools/p/tail_lite3?since_seq=3&max=1")
    assert.strictEqual(after.bytes.readBigUInt64BE(0), 3n)
    refused(await encoded(server, Buffer.from([7])), 400, "Corrupt")
  })

  it("30: no payload, and another media type, are refused", async () => {
    const server = await startServer()
    await createPool(server, "p")
    refused(await request(server, "/v0/pools/p/append_lite3", { method: "POST", headers: payloadType }), 400, "Usage")
    refused(await encoded(server, Buffer.from("x"), { "content-type": "text/plain" }), 400, "Usage")
  })

  it("31: a payload that is damaged inside is refused, wherever the damage is", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, "p", { outer: { inner: [1, "two", { three: 3 }] } }, ["a"])
    const { bytes } = await request(server, "/v0/pools/p/messages/1/lite3")
    let refusals = 0
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes)
      damaged[at]! ^= 0xff
      const before = await newest(server)
      const answer = await encoded(server, damaged)
      if (answer.status === 200) {
        // Some bytes carry no structure; then what was stored can be read.
        const seq = answer.json<MessageAnswer>().message.seq
        assert.strictEqual((await request(server, `/v0/pools/p/messages/${seq}`)).status, 200)
        continue
      }
      refused(answer, 400, "Corrupt")
      assert.strictEqual(await newest(server), before)
      refusals++
    }
    assert.isAbove(refusals, 20)
  })

  it("frames: several payloads under one lock, all or none", async () => {
    const server = await startServer()
    await createPool(server, "p")
    for (let n = 1; n <= 5; n++) await append(server, "p", { n })
    const frames = (await request(server, "/v0/pools/p/tail_lite3?max=5")).bytes
    const headers = { "content-type": "application/x-plasmite-lite3-stream" }
    const answer = await encoded(server, frames, headers)
    const { appended } = answer.json<{ appended: Record<string, unknown> }>()
    assert.deepStrictEqual([appended["first_seq"], appended["last_seq"]], [6, 10])
    const copy = await request(server, "/v0/pools/p/messages/8")
    assert.deepStrictEqual(copy.json<MessageAnswer>().message.data, { n: 3 })
    refused(await encoded(server, frames.subarray(0, -1), headers), 400, "Usage")
    refused(await encoded(server, Buffer.alloc(20, 255), headers), 400, "Usage")
    const damaged = Buffer.from(frames)
    damaged[2 * (frames.length / 5) + 20]! ^= 0xff
    refused(await encoded(server, damaged, headers), 400, "Corrupt")
    assert.strictEqual(await newest(server), 10)
  })
})
