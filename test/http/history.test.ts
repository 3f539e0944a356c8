// Pages of retained messages, and the histogram. What a page should hold is what a tail gives.
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { histogram as countMessages } from "../../http/history/histogram.js"
import { KeptHistograms } from "../../http/history/KeptHistograms.js"
import { frameMagic } from "../../src/internal/ring/layout.js"
import { append, createPool, refused, request, startServer, type TestServer } from "./server.js"

interface Page {
  readonly messages: ReadonlyArray<{
    readonly seq: number
    readonly time: string
    readonly data: { readonly n: number }
  }>
  readonly bounds: { readonly oldest?: number; readonly newest?: number }
  readonly next_after_seq: number | null
  readonly prev_before_seq: number | null
  readonly fell_behind: boolean
  readonly damaged?: ReadonlyArray<{ readonly seq: number; readonly message: string }>
}

interface Histogram {
  readonly buckets: ReadonlyArray<{
    readonly start: string
    readonly end: string
    readonly count: number
    readonly bytes: number
  }>
}

const fill = async (server: TestServer, from: number, count: number): Promise<void> => {
  for (let start = from; start < from + count; start += 2000) {
    const length = Math.min(2000, from + count - start)
    const lines = Array.from({ length }, (_, index) => {
      const n = start + index
      return JSON.stringify({ data: { n }, tags: n % 3 === 0 ? ["third"] : [] })
    })
    const answer = await request(server, "/v0/pools/p/append", {
      body: lines.join("\n"),
      headers: { "content-type": "application/x-ndjson" }
    })
    assert.strictEqual(answer.status, 200, answer.text)
  }
}

const poolOf = async (server: TestServer, size?: number, indexCapacity?: number): Promise<void> => {
  const body = { pool: "p", size_bytes: size ?? null, index_capacity: indexCapacity ?? null }
  assert.strictEqual((await request(server, "/v0/pools", { body })).status, 200)
}

const page = async (server: TestServer, query: string): Promise<Page> => {
  const answer = await request(server, `/v0/pools/p/messages?${query}`)
  assert.strictEqual(answer.status, 200, answer.text)
  return answer.json<Page>()
}

const seqs = ({ messages }: Page): Array<number> => messages.map(({ seq }) => seq)

const histogram = async (server: TestServer, buckets: number): Promise<Histogram["buckets"]> =>
  (await request(server, `/v0/ui/pools/p/histogram?buckets=${buckets}`)).json<Histogram>().buckets

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

describe("pages", () => {
  it("begin where they are told, and say where the next ones are", async () => {
    const server = await startServer()
    await poolOf(server)
    assert.deepStrictEqual(await page(server, ""), {
      messages: [],
      bounds: {},
      next_after_seq: null,
      prev_before_seq: null,
      fell_behind: false
    })
    await fill(server, 1, 10)
    const facts = async (query: string) => {
      const found = await page(server, query)
      return [seqs(found), found.prev_before_seq, found.next_after_seq]
    }
    assert.deepStrictEqual(await facts("limit=3"), [[1, 2, 3], null, 3])
    assert.deepStrictEqual(await facts("after_seq=3&limit=3"), [[4, 5, 6], 4, 6])
    assert.deepStrictEqual(await facts("after_seq=8"), [[9, 10], 9, null])
    assert.deepStrictEqual(await facts("after_seq=10"), [[], 11, null])
    assert.deepStrictEqual(await facts("after_seq=99"), [[], 100, null])
    assert.deepStrictEqual(await facts("before_seq=4&limit=2"), [[2, 3], 2, 3])
    assert.deepStrictEqual(await facts("before_seq=3&limit=5"), [[1, 2], null, 2])
    assert.deepStrictEqual(await facts("before_seq=1"), [[], null, 0])
    assert.deepStrictEqual(await facts("before_seq=18446744073709551615&limit=2"), [[9, 10], 9, null])
    assert.deepStrictEqual(await facts("after_seq=2&before_seq=6&limit=9"), [[3, 4, 5], 3, 5])
  })

  it("are the messages of a tail in the same words, with all digits", async () => {
    const server = await startServer()
    await poolOf(server)
    await request(server, "/v0/pools/p/append", {
      body: '{"data":{"big":9007199254740993,"one":1.0,"text":"é\\n"},"tags":["a"]}',
      headers: { "content-type": "application/json" }
    })
    const [line] = (await request(server, "/v0/pools/p/tail?max=1")).text.split("\n")
    const { text } = await request(server, "/v0/pools/p/messages")
    assert.include(text, `{"messages":[${line}],`)
    assert.include(line, "9007199254740993")
  })

  it("put together give every message that passes, once, whichever way one goes", async () => {
    const server = await startServer()
    // Without an index, and more than one block of a filter.
    await poolOf(server, 4 * 1024 * 1024, 0)
    await fill(server, 1, 5000)
    for (const filter of [
      "",
      "&tag=third",
      "&where=.data.n%20>%201500",
      "&tag=third&where=.data.n%20%25%207%20==%201"
    ]) {
      const tail = await request(server, `/v0/pools/p/tail?follow=false${filter}`)
      const expected = tail.text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => (JSON.parse(line) as { seq: number }).seq)
      const onward: Array<number> = []
      for (let after: number | null = 0; after !== null;) {
        const found: Page = await page(server, `limit=700&after_seq=${after}${filter}`)
        onward.push(...seqs(found))
        after = found.next_after_seq
      }
      assert.deepStrictEqual(onward, expected, filter)
      const back: Array<number> = []
      for (let before: number | null = 99_999; before !== null;) {
        const found: Page = await page(server, `limit=700&before_seq=${before}${filter}`)
        back.unshift(...seqs(found))
        before = found.prev_before_seq
      }
      assert.deepStrictEqual(back, expected, filter)
    }
  })

  it("of a time hold the messages of that time", async () => {
    const server = await startServer()
    await poolOf(server, 1024 * 1024, 0)
    const edges: Array<string> = []
    for (let round = 0; round < 4; round++) {
      await fill(server, round * 50 + 1, 50)
      await pause(15)
      edges.push(new Date().toISOString())
      await pause(15)
    }
    const between = await page(server, `since=${edges[0]}&until=${edges[1]}&limit=1000`)
    assert.deepStrictEqual(
      seqs(between),
      Array.from({ length: 50 }, (_, index) => 51 + index)
    )
    assert.deepStrictEqual([between.prev_before_seq, between.next_after_seq], [null, null])
    const [exact] = (await page(server, "after_seq=100&limit=1")).messages
    assert.strictEqual(seqs(await page(server, `since=${exact!.time}&limit=1`))[0], 101)
    assert.strictEqual(seqs(await page(server, `until=${exact!.time}&before_seq=9999&limit=1000`)).at(-1), 150)
    assert.deepStrictEqual(seqs(await page(server, `since=${edges[3]}`)), [])
    assert.deepStrictEqual(seqs(await page(server, "until=2001-01-01T00:00:00Z")), [])
    assert.lengthOf((await page(server, "since=1h&limit=1000")).messages, 200)
    assert.deepStrictEqual(seqs(await page(server, `since=${edges[0]}&before_seq=9999&limit=2&tag=third`)), [195, 198])
  })

  it("say when what came next is overwritten", async () => {
    const server = await startServer()
    await poolOf(server, 64 * 1024)
    await fill(server, 1, 2000)
    const first = await page(server, "limit=1")
    assert.isAbove(first.bounds.oldest!, 1)
    assert.deepStrictEqual([first.fell_behind, seqs(first)], [false, [first.bounds.oldest]])
    const behind = await page(server, "after_seq=1&limit=1")
    assert.deepStrictEqual([behind.fell_behind, seqs(behind)], [true, [first.bounds.oldest]])
    assert.isFalse((await page(server, `after_seq=${first.bounds.oldest! - 1}`)).fell_behind)
  })

  it("name what is damaged, and hold the rest", async () => {
    const server = await startServer()
    await poolOf(server)
    await fill(server, 1, 20)
    await append(server, "p", { n: 21, text: "to be broken" })
    await fill(server, 22, 20)
    spoil(server, "to be broken", (bytes, at) => (bytes[at]! ^= 1))
    for (const query of ["limit=100", "before_seq=99&limit=100", "limit=100&tag=", "where=.data.n%20>%200"]) {
      const found = await page(server, query)
      assert.deepStrictEqual(
        seqs(found),
        Array.from({ length: 41 }, (_, index) => index + 1).filter((seq) => seq !== 21)
      )
      assert.deepStrictEqual(
        found.damaged?.map(({ seq }) => seq),
        [21]
      )
    }
  })

  it("are bounded in size, and go on where they ended", async () => {
    const server = await startServer()
    await poolOf(server, 16 * 1024 * 1024)
    for (let n = 1; n <= 12; n++) await append(server, "p", { n, text: "x".repeat(1_000_000) })
    const first = await request(server, "/v0/pools/p/messages", { withinMillis: 20_000 })
    assert.isBelow(first.bytes.length, 6_000_000)
    const { next_after_seq: next } = first.json<Page>()
    assert.strictEqual(seqs(await page(server, `after_seq=${next}&limit=1`))[0], next! + 1)
    const last = await page(server, "before_seq=99")
    assert.deepStrictEqual([seqs(last).at(-1), last.messages.length < 6], [12, true])
    assert.strictEqual(seqs(await page(server, `before_seq=${last.prev_before_seq}`)).at(-1), seqs(last)[0]! - 1)
  })

  it("refuse what makes no sense", async () => {
    const server = await startServer()
    await poolOf(server)
    const wrong = ["limit=0", "limit=1001", "limit=x", "after_seq=-1", "since=never", "since=1m&until=1h", "where=.a("]
    for (const query of wrong) refused(await request(server, `/v0/pools/p/messages?${query}`), 400, "Usage")
    refused(await request(server, "/v0/pools/missing/messages"), 404, "NotFound")
    await fill(server, 1, 1)
    const { message } = refused(await request(server, "/v0/pools/p/messages?where=.data.n"), 400, "Usage")
    assert.include(message, "not true or false")
    const deaf = await startServer({ serverWhere: false })
    await poolOf(deaf)
    refused(await request(deaf, "/v0/pools/p/messages?where=true"), 400, "Usage")
  })
})

describe("filters", () => {
  it("that do not compile are refused before a stream begins", async () => {
    const server = await startServer()
    await poolOf(server)
    for (const route of [
      "/v0/pools/p/tail",
      "/v0/pools/p/tail_lite3",
      "/v0/ui/pools/p/events",
      "/v0/pools/p/messages"
    ]) {
      for (const where of [".data.a(", "nosuchfunction", "input"]) {
        const answer = await request(server, `${route}?where=${encodeURIComponent(where)}`)
        const { hint } = refused(answer, 400, "Usage")
        assert.include(hint, where)
      }
    }
  })

  it("that do not come to an end are given up in a bounded time", async () => {
    const server = await startServer()
    await poolOf(server)
    await fill(server, 1, 20)
    const where = encodeURIComponent("(reduce range(1e15) as $n (0; . + 1)) == 1")
    const startedAt = performance.now()
    const answer = await request(server, `/v0/pools/p/messages?where=${where}`, { withinMillis: 20_000 })
    assert.include(refused(answer, 400, "Usage").message, "the filter needs more than")
    assert.isBelow(performance.now() - startedAt, 15_000)
    assert.deepStrictEqual(seqs(await page(server, "where=.data.n%20==%202")), [2])
  })
})

/** Changes the pool's file where this text of a message stands. */
const spoil = (server: TestServer, text: string, change: (bytes: Buffer, at: number) => void): void => {
  const file = path.join(server.directory, "p.plasmite")
  const bytes = fs.readFileSync(file)
  const at = bytes.indexOf(text)
  assert.isAbove(at, 0)
  change(bytes, at)
  // In place: the server has the file open, and must not find it shortened.
  fs.writeFileSync(file, bytes, { flag: "r+" })
}

describe("the histogram", () => {
  it("is counted once for all who ask at a time, and not again while the pool is the same", async () => {
    const server = await startServer()
    await createPool(server, "p", 4 * 1024 * 1024)
    await fill(server, 0, 5000)
    let counts = 0
    const kept = new KeptHistograms((pool, buckets) => {
      counts++
      return countMessages(pool, buckets)
    }, Number.POSITIVE_INFINITY)
    await server.run(
      Effect.flatMap(server.pools.open("p"), ({ encoded }) =>
        Effect.gen(function* () {
          const ask = Effect.map(kept.of(encoded, 10), ({ buckets }) =>
            buckets.reduce((sum, { count }) => sum + count, 0)
          )
          const together = yield* Effect.all([ask, ask, ask, ask], { concurrency: "unbounded" })
          assert.deepStrictEqual([together, counts], [[5000, 5000, 5000, 5000], 1])
          assert.deepStrictEqual([yield* ask, counts], [5000, 1])
          yield* Effect.promise(() => append(server, "p", { n: 5000 }))
          assert.deepStrictEqual([yield* ask, counts], [5001, 2])
          yield* kept.of(encoded, 11)
          assert.strictEqual(counts, 3)
        })
      )
    )
  })

  it("counts every message and its bytes once, in the bucket of its time", async () => {
    const server = await startServer()
    await poolOf(server, 4 * 1024 * 1024, 0)
    assert.deepStrictEqual(await histogram(server, 10), [])
    await fill(server, 1, 1)
    assert.deepStrictEqual(
      (await histogram(server, 10)).map(({ count }) => count),
      [1]
    )
    await fill(server, 2, 2999)
    await pause(300)
    await fill(server, 3001, 500)
    const buckets = await histogram(server, 7)
    assert.lengthOf(buckets, 7)
    const total = (member: "bytes" | "count"): number => buckets.reduce((sum, bucket) => sum + bucket[member], 0)
    assert.deepStrictEqual([total("count"), buckets.at(-1)!.count >= 500], [3500, true])
    for (const [index, bucket] of buckets.entries()) {
      if (index > 0) assert.strictEqual(bucket.start, buckets[index - 1]!.end)
    }
    const all: Array<string> = []
    for (let after: number | null = 0; after !== null;) {
      const found: Page = await page(server, `limit=1000&after_seq=${after}`)
      all.push(...found.messages.map(({ time }) => time))
      after = found.next_after_seq
    }
    const frames = (await request(server, "/v0/pools/p/tail_lite3?follow=false")).bytes.length
    assert.strictEqual(total("bytes"), frames - 3500 * 20)
    const expected = buckets.map(({ end, start }, index) => {
      const isLast = index === buckets.length - 1
      return all.filter(
        (time) => nanoseconds(time) >= nanoseconds(start) && (isLast || nanoseconds(time) < nanoseconds(end))
      ).length
    })
    // Edges are told to the nanosecond and computed to the microsecond: no message here is that close to one.
    assert.deepStrictEqual(
      buckets.map(({ count }) => count),
      expected
    )
  })

  it("leaves out what is damaged, and goes on behind it", async () => {
    const server = await startServer()
    await poolOf(server)
    await fill(server, 1, 20)
    await append(server, "p", { n: 21, text: "to be broken" })
    await fill(server, 22, 20)
    spoil(server, "to be broken", (bytes, at) => {
      const magic = Buffer.alloc(4)
      magic.writeUInt32LE(frameMagic)
      bytes.fill(0, bytes.lastIndexOf(magic, at), at)
    })
    const buckets = await histogram(server, 3)
    assert.strictEqual(
      buckets.reduce((sum, { count }) => sum + count, 0),
      40
    )
  })

  it("refuses numbers of buckets that make no sense", async () => {
    const server = await startServer()
    await createPool(server, "p")
    for (const buckets of ["0", "1001", "x"]) {
      refused(await request(server, `/v0/ui/pools/p/histogram?buckets=${buckets}`), 400, "Usage")
    }
    refused(await request(server, "/v0/ui/pools/missing/histogram"), 404, "NotFound")
  })
})

const nanoseconds = (time: string): bigint => {
  const [, seconds, fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(time)!
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"))
}
