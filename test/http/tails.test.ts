// Tails over HTTP. Numbers in names of tests are those of the protocol's acceptance statements.
import * as http from "node:http"
import * as net from "node:net"
import { assert, describe, it } from "vitest"
import { append, createPool, eventually, follow, refused, request, startServer, type TestServer } from "./server.js"

const seqsOf = (text: string): Array<number> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { seq: number }).seq)

const tail = async (server: TestServer, query: string): Promise<Array<number>> => {
  const answer = await request(server, `/v0/pools/p/tail?${query}`)
  assert.strictEqual(answer.status, 200, answer.text)
  return seqsOf(answer.text)
}

const filled = async (count: number, sizeBytes?: number, options = {}): Promise<TestServer> => {
  const server = await startServer(options)
  await createPool(server, "p", sizeBytes)
  if (count > 0) await fill(server, count)
  return server
}

const fill = async (server: TestServer, count: number): Promise<void> => {
  const body = Array.from({ length: count }, (_, n) => JSON.stringify({ data: { n } })).join("\n")
  const answer = await request(server, "/v0/pools/p/append", {
    body,
    headers: { "content-type": "application/x-ndjson" }
  })
  assert.strictEqual(answer.status, 200, answer.text)
}

const elapsed = async <A>(work: Promise<A>): Promise<[number, A]> => {
  const startedAt = performance.now()
  const value = await work
  return [performance.now() - startedAt, value]
}

/** How many tails the server has open, from its own metrics: those of this process's servers so far do not disturb. */
const openTails = async (server: TestServer): Promise<number> => {
  const { text } = await request(server, "/metrics")
  return Number(/^plasmite_tails_open (\d+)$/m.exec(text)![1])
}

describe("where a tail starts and ends", () => {
  it("33, 34, 42, 58: from a number, from the oldest, up to so many", async () => {
    const server = await filled(5)
    assert.deepStrictEqual(await tail(server, "since_seq=3&max=2"), [3, 4])
    assert.deepStrictEqual(await tail(server, "max=1"), [1])
    assert.deepStrictEqual(await tail(server, "timeout_ms=100"), [1, 2, 3, 4, 5])
    for (const query of ["max=0", "timeout_ms=0"]) {
      const [millis, seqs] = await elapsed(tail(server, query))
      assert.deepStrictEqual(seqs, [])
      assert.isBelow(millis, 1000)
    }
  })

  it("35, 36: a number to come gives nothing, or what is appended then", async () => {
    const server = await filled(2)
    assert.deepStrictEqual(await tail(server, "since_seq=9&timeout_ms=100"), [])
    assert.deepStrictEqual(await tail(server, "since_seq=18446744073709551615&timeout_ms=50"), [])
    const reading = await follow(server, "/v0/pools/p/tail?since_seq=4&max=2")
    for (let n = 0; n < 3; n++) await append(server, "p", { n })
    assert.strictEqual(await reading.ended, "clean")
    assert.deepStrictEqual(reading.seqs(), [4, 5])
  })

  it("37: resuming behind the last message gives exactly what is new", async () => {
    const server = await filled(2)
    const read = await tail(server, "max=2")
    await fill(server, 2)
    assert.deepStrictEqual(await tail(server, `since_seq=${read.at(-1)! + 1}&max=2`), [3, 4])
  })

  it("39, 40, 41: a tail lives as long as it may, traffic or not", async () => {
    const server = await filled(1, undefined, { maxTailTimeoutMillis: 400 })
    const long = refused(await request(server, "/v0/pools/p/tail?timeout_ms=401"), 400, "Usage")
    assert.include(long.hint, "400")
    const [millis] = await elapsed(tail(server, ""))
    assert.isTrue(millis >= 380 && millis < 1500, `${millis}`)
    const writer = setInterval(() => void append(server, "p", {}).catch(() => undefined), 20)
    const [busyMillis, seqs] = await elapsed(tail(server, "timeout_ms=300"))
    clearInterval(writer)
    assert.isTrue(busyMillis >= 280 && busyMillis < 1200, `${busyMillis}`)
    assert.isAbove(seqs.length, 3)
  })

  it("57: from 0 on is from the first on", async () => {
    const server = await filled(2)
    assert.deepStrictEqual(await tail(server, "since_seq=0&gap_policy=error&max=2"), [1, 2])
  })

  it("last, since and follow: starts and ends that upstream does not know", async () => {
    const server = await filled(3)
    assert.deepStrictEqual(await tail(server, "last=2&follow=false"), [2, 3])
    assert.deepStrictEqual(await tail(server, "last=0&follow=false"), [])
    const live = await follow(server, "/v0/pools/p/tail?last=0&max=1")
    await append(server, "p", {})
    await live.ended
    assert.deepStrictEqual(live.seqs(), [4])
    await new Promise((resolve) => setTimeout(resolve, 30))
    const now = new Date().toISOString()
    await append(server, "p", {})
    assert.deepStrictEqual(await tail(server, `since=${now}&follow=false`), [5])
    assert.deepStrictEqual(await tail(server, "since=1h&follow=false"), [1, 2, 3, 4, 5])
    assert.deepStrictEqual(await tail(server, `where=${encodeURIComponent(".data.n == 1")}&follow=false`), [2])
    for (const query of ["last=1&since_seq=1", "since=yesterday", "last=x", "max=-1", "timeout_ms=1.5"]) {
      refused(await request(server, `/v0/pools/p/tail?${query}`), 400, "Usage")
    }
    const wrong = await request(server, "/v0/pools/p/tail?where=not%20jq&timeout_ms=1000")
    assert.include(wrong.text, '"Usage"')
    const without = await startServer({ serverWhere: false })
    await createPool(without, "p")
    const refusedFilter = await request(without, "/v0/pools/p/tail?where=true")
    refused(refusedFilter, 400, "Usage")
    assert.notInclude(refusedFilter.headers["plasmite-features"], "where")
    assert.include((await request(server, "/healthz")).headers["plasmite-features"], "where")
  })
})

describe("what a tail says", () => {
  it("43, 44: tags, all of them, trimmed, exact, whole", async () => {
    const server = await filled(0)
    await append(server, "p", {}, ["a"])
    await append(server, "p", {}, ["a", "b"])
    await append(server, "p", {}, ["a,b"])
    await append(server, "p", {})
    const tagged = (...tags: ReadonlyArray<string>) =>
      tail(server, `follow=false&${tags.map((tag) => `tag=${encodeURIComponent(tag)}`).join("&")}`)
    assert.deepStrictEqual(await tagged("a"), [1, 2])
    assert.deepStrictEqual(await tagged("a", "b"), [2])
    assert.deepStrictEqual(await tagged("a,b"), [3])
    assert.deepStrictEqual(await tagged("A"), [])
    assert.deepStrictEqual(await tagged("", "  b ", " "), [2])
    const many = Array.from({ length: 65 }, (_, n) => `tag=${n}`).join("&")
    refused(await request(server, `/v0/pools/p/tail?${many}`), 400, "Usage")
    const live = await follow(server, "/v0/pools/p/tail?since_seq=5&tag=b&max=1")
    await append(server, "p", {}, ["a"])
    await append(server, "p", {}, ["b"])
    await live.ended
    assert.deepStrictEqual(live.seqs(), [6])
  })

  it("45, 46: what was overwritten is passed over, or fails the tail before any message", async () => {
    const server = await filled(500, 16_384)
    const seqs = await tail(server, "since_seq=1&timeout_ms=100")
    assert.isAbove(seqs[0]!, 1)
    assert.strictEqual(seqs.at(-1), 500)
    for (const filter of ["", "&tag=nobody-has-this"]) {
      const answer = await request(server, `/v0/pools/p/tail?since_seq=1&gap_policy=error${filter}`)
      const lines = answer.text.split("\n").filter((line) => line !== "")
      const { error } = JSON.parse(lines[0]!) as { error: { kind: string; seq: number } }
      assert.deepStrictEqual([lines.length, error.kind, error.seq], [1, "RetentionGap", 1])
    }
    // History lost before an unspecified start is no gap.
    assert.strictEqual((await tail(server, "gap_policy=error&timeout_ms=50")).at(-1), 500)
  })

  it("47: a fail-closed tail that is overtaken ends with the number it missed", async () => {
    const server = await filled(1, 16_384)
    const reading = await follow(server, "/v0/pools/p/tail?gap_policy=error")
    await eventually("the first message", () => reading.lines().length === 1)
    await fill(server, 500)
    assert.strictEqual(await reading.ended, "clean")
    const last = JSON.parse(reading.lines().at(-1)!) as { error: { kind: string; seq: number } }
    assert.strictEqual(last.error.kind, "RetentionGap")
    assert.strictEqual(last.error.seq, reading.lines().length)
  })

  it("48: unknown policies, and one that frames cannot keep, are refused", async () => {
    const server = await filled(1)
    refused(await request(server, "/v0/pools/p/tail?gap_policy=unknown"), 400, "Usage")
    refused(await request(server, "/v0/pools/p/tail_lite3?gap_policy=error"), 400, "Usage")
    refused(await request(server, "/v0/ui/pools/p/events?gap_policy="), 400, "Usage")
  })

  it("50, 51: the head arrives before any message; lines end with a newline", async () => {
    const server = await filled(0)
    for (const [route, type] of [
      ["/v0/pools/p/tail", "application/jsonl"],
      ["/v0/pools/p/tail_lite3", "application/x-plasmite-lite3-stream"],
      ["/v0/ui/pools/p/events", "text/event-stream"]
    ] as const) {
      const reading = await follow(server, `${route}?timeout_ms=20000`)
      assert.deepStrictEqual(
        [reading.status, reading.headers["content-type"], reading.headers["plasmite-version"]],
        [200, type, "0"]
      )
      assert.isUndefined(reading.headers["content-encoding"])
      reading.close()
    }
    const reading = await follow(server, "/v0/pools/p/tail?max=2")
    await fill(server, 2)
    await reading.ended
    assert.match(reading.text(), /^\{.*\}\n\{.*\}\n$/)
  })

  it("52: a missing pool is 404, before a stream begins", async () => {
    const server = await startServer()
    for (const route of ["/v0/pools/p/tail", "/v0/pools/p/tail_lite3", "/v0/ui/pools/p/events"]) {
      refused(await request(server, `${route}?since_seq=1`), 404, "NotFound")
    }
  })

  it("53: an idle tail shows signs of life", async () => {
    const server = await filled(1)
    const lines = await request(server, "/v0/pools/p/tail?timeout_ms=400&heartbeat_ms=60")
    assert.isAtLeast(lines.text.split("\n").filter((line) => line === "").length, 4)
    assert.deepStrictEqual(seqsOf(lines.text), [1])
    const events = await request(server, "/v0/ui/pools/p/events?timeout_ms=400&heartbeat_ms=60")
    assert.isAtLeast(events.text.split("\n").filter((line) => line === ":").length, 3)
    const silent = await request(server, "/v0/pools/p/tail?timeout_ms=200&heartbeat_ms=0")
    assert.match(silent.text, /^\{.*\}\n$/)
    const frames = await request(server, "/v0/pools/p/tail_lite3?timeout_ms=200&heartbeat_ms=50&since_seq=2")
    assert.strictEqual(frames.bytes.length, 0)
  })

  it("HEAD tells the head and starts no tail", async () => {
    const server = await filled(3, undefined, { maxTailConcurrency: 1 })
    for (const route of [
      "/v0/pools/p/tail",
      "/v0/pools/p/tail_lite3",
      "/v0/ui/pools/p/events",
      "/v0/pools/p/messages/1"
    ]) {
      const answer = await request(server, route, { method: "HEAD" })
      assert.deepStrictEqual([answer.status, answer.text], [200, ""], route)
    }
    assert.strictEqual(await openTails(server), 0)
  })

  it("a pool deleted while it is followed ends the tail with NotFound", async () => {
    const server = await filled(1)
    const lines = await follow(server, "/v0/pools/p/tail")
    const frames = await follow(server, "/v0/pools/p/tail_lite3")
    await eventually("the first message", () => lines.lines().length === 1 && frames.bytes().length > 0)
    await request(server, "/v0/pools/p", { method: "DELETE" })
    assert.strictEqual(await lines.ended, "clean")
    assert.include(lines.lines().at(-1), '"NotFound"')
    assert.strictEqual(await frames.ended, "cut")
  })
})

describe("clients that leave, or do not read", () => {
  it("38, 54: a client that leaves frees its slot within a second", async () => {
    const server = await filled(1, undefined, { maxTailConcurrency: 1 })
    const writer = setInterval(() => void append(server, "p", {}).catch(() => undefined), 10)
    for (let round = 0; round < 5; round++) {
      const reading = await follow(server, "/v0/pools/p/tail")
      await eventually("a message", () => reading.lines().length > 0)
      reading.close()
      const startedAt = performance.now()
      for (;;) {
        const answer = await request(server, "/v0/pools/p/tail?max=1")
        if (answer.status === 200) break
        refused(answer, 423, "Busy")
        assert.isBelow(performance.now() - startedAt, 3000)
      }
    }
    clearInterval(writer)
  })

  it("74: when all slots are taken the next tail is refused, and served when one is free", async () => {
    const server = await filled(1, undefined, { maxTailConcurrency: 1 })
    const first = await follow(server, "/v0/pools/p/tail")
    for (const route of ["/v0/pools/p/tail", "/v0/pools/p/tail_lite3", "/v0/ui/pools/p/events"]) {
      const answer = await request(server, route)
      refused(answer, 423, "Busy")
      assert.strictEqual(answer.headers["retry-after"], "1")
    }
    assert.strictEqual(await append(server, "p", {}), 2)
    first.close()
    await eventually("a free slot", () => true)
    let answer = await request(server, "/v0/pools/p/tail?max=1")
    for (let attempt = 0; answer.status === 423 && attempt < 100; attempt++) {
      answer = await request(server, "/v0/pools/p/tail?max=1")
    }
    assert.strictEqual(answer.status, 200)
  })

  it("77: a crowd that connects and vanishes leaves all slots free", async () => {
    const server = await filled(1)
    const sockets = Array.from({ length: 64 }, () => net.connect(server.port, "127.0.0.1"))
    for (const socket of sockets) socket.write("GET /v0/pools/p/tail HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("data", resolve))))
    refused(await request(server, "/v0/pools/p/tail"), 423, "Busy")
    for (const socket of sockets) socket.destroy()
    const startedAt = performance.now()
    while ((await openTails(server)) > 0) assert.isBelow(performance.now() - startedAt, 3000)
    assert.deepStrictEqual(await tail(server, "max=1"), [1])
  })

  it("55: a client that stops reading is cut, with little kept for it, and others go on", async () => {
    const server = await filled(0, 64 * 1024 * 1024, { stalledWriterMillis: 300 })
    const stalled = net.connect(server.port, "127.0.0.1")
    stalled.write("GET /v0/pools/p/tail HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    await new Promise((resolve) => stalled.once("data", resolve))
    stalled.pause()
    const other = await follow(server, "/v0/pools/p/tail")
    const pad = "x".repeat(8000)
    const body = Array.from({ length: 100 }, (_, n) => JSON.stringify({ data: { n, pad } })).join("\n")
    const before = process.memoryUsage()
    for (let round = 0; round < 50; round++) {
      const answer = await request(server, "/v0/pools/p/append", {
        body,
        headers: { "content-type": "application/x-ndjson" }
      })
      assert.strictEqual(answer.status, 200)
    }
    const startedAt = performance.now()
    while ((await openTails(server)) > 1) assert.isBelow(performance.now() - startedAt, 3000)
    await eventually("all messages at the other", () => other.lines().length === 5000)
    assert.deepStrictEqual(
      other.seqs(),
      Array.from({ length: 5000 }, (_, index) => index + 1)
    )
    assert.isBelow(process.memoryUsage().external - before.external, 400 * 1024 * 1024)
    other.close()
    stalled.destroy()
    assert.match((await request(server, "/metrics")).text, /^plasmite_tails_stalled_total [1-9]/m)
  })

  it("56: resuming near the end of a large full pool starts at once", async () => {
    const server = await filled(0, 32 * 1024 * 1024)
    for (let round = 0; round < 8; round++) await fill(server, 10_000)
    const from = 80_000 - 3
    const agent = new http.Agent({ keepAlive: true })
    await request(server, `/v0/pools/p/messages/${from}`, { agent })
    const [millis, answer] = await elapsed(request(server, `/v0/pools/p/tail?since_seq=${from}&max=4`, { agent }))
    agent.destroy()
    assert.deepStrictEqual(seqsOf(answer.text), [from, from + 1, from + 2, from + 3])
    // 50 ms is the promise; a scan of the ring would take longer than this many.
    assert.isBelow(millis, 250)
  })
})
