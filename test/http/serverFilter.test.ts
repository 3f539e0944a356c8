// Filters that run on the server: what is asked for, what travels, and that nothing is lost or reported lost by it.
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it, onTestFinished } from "vitest"
import * as RemotePools from "../../http/RemotePools.js"
import { LineDecoder, serverFilter } from "../../http/remote/serverFilter.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import type { Gap, TailFrom } from "../../src/EncodedPool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import { append, createPool, eventually, startServer, type TestServer } from "./server.js"

/** The same server, behind something that writes down what is asked of it, and counts the bytes of tails. */
const recorded = async ({
  port
}: TestServer): Promise<{ url: string; targets: Array<string>; tailBytes: () => number }> => {
  const targets: Array<string> = []
  let tailBytes = 0
  const proxy = http.createServer((request, response) => {
    const target = request.url!
    targets.push(decodeURIComponent(target))
    const onward = http.request({
      port,
      host: "127.0.0.1",
      path: target,
      method: request.method!,
      headers: request.headers
    })
    onward.on("response", (incoming) => {
      response.writeHead(incoming.statusCode!, incoming.headers)
      response.flushHeaders()
      if (target.includes("/tail")) incoming.on("data", (chunk: Buffer) => (tailBytes += chunk.length))
      incoming.on("error", () => response.destroy())
      incoming.pipe(response)
    })
    onward.on("error", () => response.destroy())
    response.on("close", () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, targets, tailBytes: () => tailBytes }
}

interface Selection {
  readonly from?: TailFrom
  readonly tags?: ReadonlyArray<string>
  readonly where?: ReadonlyArray<string>
}

/** Follows until a message says that it is the last; the numbers, the texts and the gaps. */
const followed = (url: string, selection: Selection) => {
  const numbers: Array<number> = []
  const gaps: Array<Gap> = []
  const data: Array<unknown> = []
  const program = Effect.gen(function* () {
    const pool = yield* (yield* Pools).open("p")
    yield* pool.tail({ ...selection, integers: "bigint", onGap: (gap) => Effect.sync(() => void gaps.push(gap)) }).pipe(
      Stream.takeUntil((message) => message.data["last"] === true),
      Stream.runForEach((message) =>
        Effect.sync(() => {
          numbers.push(message.seq)
          data.push(message.data)
        })
      )
    )
  })
  const fiber = Effect.runFork(
    Effect.scoped(program).pipe(Effect.provide(RemotePools.layer({ url })), Effect.provide(JqMessageFilter.layer))
  )
  onTestFinished(() => void Effect.runFork(Fiber.interrupt(fiber)))
  const ended = Effect.runPromise(Fiber.join(fiber) as Effect.Effect<void, PoolError>)
  ended.catch(() => {})
  return { numbers, gaps, data, ended }
}

describe("a filter on the server", () => {
  it("132: tags and expressions are parameters, and only what passes travels, digit for digit", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const { tailBytes, targets, url } = await recorded(server)
    const tail = followed(url, { tags: ["a", "b,c"], where: [".data.big > 1"] })
    await eventually("the tail", () => targets.some((target) => target.includes("/tail?")))
    const stream = targets.find((target) => target.includes("/tail?"))!
    assert.include(stream, "since_seq=1&gap_policy=error&tag=a&tag=b,c&where=.data.big > 1")
    for (let n = 0; n < 30; n++) await append(server, "p", { pad: "x".repeat(2000) }, ["a"])
    await server.run(
      Effect.gen(function* () {
        const pool = yield* server.pools.open("p")
        yield* pool.append({ big: 9007199254740993n, one: 1.5, text: "\u2028ü" }, { tags: ["b,c", "a"] })
        yield* pool.append({ big: 2, last: true }, { tags: ["b,c", "a"] })
      })
    )
    await tail.ended
    assert.deepStrictEqual(tail.numbers, [31, 32])
    assert.deepStrictEqual(tail.data[0], { big: 9007199254740993n, one: 1.5, text: "\u2028ü" })
    assert.deepStrictEqual(tail.gaps, [])
    assert.isBelow(tailBytes(), 2000)
  })

  it("a tail that is seldom served does not take what it skipped for lost, however often the ring comes round", async () => {
    const server = await startServer({ maxTailTimeoutMillis: 40 })
    await createPool(server, "p", 65_536)
    const { targets, url } = await recorded(server)
    const tail = followed(url, { tags: ["rare"] })
    await eventually("the tail", () => targets.some((target) => target.includes("/tail?")))
    const wanted: Array<number> = []
    for (let n = 1; n <= 600; n++) {
      await append(server, "p", { n, pad: "x".repeat(500) }, n % 200 === 0 ? ["rare"] : [])
      if (n % 200 === 0) wanted.push(n)
    }
    wanted.push(await append(server, "p", { last: true }, ["rare"]))
    await tail.ended
    assert.isAbove(targets.filter((target) => target.includes("/tail?")).length, 3)
    assert.deepStrictEqual([tail.numbers, tail.gaps], [wanted, []])
  })

  it("what is lost for certain is reported with its numbers", async () => {
    const server = await startServer()
    await createPool(server, "p", 65_536)
    for (let n = 0; n < 100; n++) await append(server, "p", { n, pad: "x".repeat(2000) }, ["a"])
    await append(server, "p", { last: true }, ["a"])
    const oldest = (await server.run(server.pools.info("p"))).bounds.oldest!
    const tail = followed(server.url, { from: { seq: 5 }, tags: ["a"] })
    await tail.ended
    assert.deepStrictEqual(tail.gaps, [{ expected: 5, found: oldest }])
    assert.strictEqual(tail.numbers[0], oldest)
    assert.strictEqual(tail.numbers.length, 101 - oldest + 1)
  })

  for (const [limit, asks] of [
    [30_000, "asks for them at once"],
    [1, "reads them itself where the server might stop half-way"]
  ] as const) {
    it(`the last matches: ${asks}`, async () => {
      const server = await startServer({ maxTailTimeoutMillis: limit })
      await createPool(server, "p")
      for (let n = 1; n <= 60; n++) await append(server, "p", { n }, n % 10 === 0 ? ["tenth"] : [])
      const { targets, url } = await recorded(server)
      const tail = followed(url, { from: { last: 3 }, tags: ["tenth"], where: [".data.n < 60 or .data.last"] })
      await eventually("the last ones", () => tail.numbers.length === 3)
      await append(server, "p", { last: true }, ["tenth"])
      await tail.ended
      assert.deepStrictEqual(tail.numbers, [30, 40, 50, 61])
      assert.isTrue(targets.some((target) => target.includes("tail?last=3&follow=false&tag=tenth&where=")))
      assert.strictEqual(
        targets.some((target) => target.includes("tail_lite3?since_seq=1")),
        limit === 1
      )
    })
  }

  it("a server that runs no expressions gets the tags, and a filter that it cannot finish is run here", async () => {
    const server = await startServer({ serverWhere: false })
    await createPool(server, "p")
    const { targets, url } = await recorded(server)
    const tail = followed(url, { tags: ["a"], where: [".data.n > 1 or .data.last"] })
    await eventually("the tail", () => targets.some((target) => target.includes("/tail?")))
    assert.isFalse(targets.some((target) => target.includes("where=")))
    for (const n of [1, 2]) await append(server, "p", { n }, ["a"])
    await append(server, "p", { last: true }, ["a"])
    await tail.ended
    assert.deepStrictEqual(tail.numbers, [2, 3])

    const wrong = await startServer()
    await createPool(wrong, "p")
    await append(wrong, "p", { n: 1 })
    const failing = followed(wrong.url, { from: "oldest", where: [".data.n"] })
    const error = await failing.ended.then(
      () => assert.fail("should have failed"),
      (failure: unknown) => String(failure)
    )
    assert.match(error, /the filter/)
  })
})

describe("what is sent", () => {
  const features = new Set(["where"])

  it("tags that a server would read otherwise stay here, and so do too many", () => {
    assert.isUndefined(serverFilter({ tags: ["", " a", "a "] }, features))
    assert.deepStrictEqual(serverFilter({ tags: ["", "b&c"] }, features), { query: "tag=b%26c", isWhole: false })
    assert.deepStrictEqual(serverFilter({ tags: ["b"], where: ["true"] }, undefined), {
      query: "tag=b",
      isWhole: false
    })
    assert.isUndefined(serverFilter({ where: Array.from({ length: 17 }, () => "true") }, features))
    assert.isUndefined(serverFilter({ where: ["x".repeat(4097)] }, features))
    const many = serverFilter({ tags: Array.from({ length: 70 }, (_, n) => `t${n}`) }, features)!
    assert.deepStrictEqual([many.query.split("&").length, many.isWhole], [64, false])
  })

  it("133: lines come in pieces, with signs of life between them and perhaps a failure behind them", () => {
    const line = (seq: number): string =>
      `{"seq":${seq},"time":"2026-01-02T03:04:05.000000006Z","meta":{"tags":["ü"]},"data":{"one":1.0}}\n`
    const bytes = Buffer.from(`\n${line(1)}\n\n${line(2)}{"error":{"kind":"RetentionGap","message":"m","seq":3}}\n`)
    for (let size = 1; size < bytes.length; size += 7) {
      const decoder = new LineDecoder("p")
      const numbers: Array<number> = []
      let failure: PoolError | undefined
      for (let start = 0; start < bytes.length; start += size) {
        const received = decoder.push(bytes.subarray(start, start + size))
        numbers.push(...received.messages.map(({ seq }) => seq))
        failure ??= received.failure
      }
      assert.deepStrictEqual(
        [numbers, failure?.reason, failure?.seq, decoder.isInside],
        [[1, 2], "RetentionGap", 3, false]
      )
    }
    for (const bad of ["not json", '{"seq":"x"}', '{"seq":1,"time":"never","meta":{"tags":[]},"data":{}}', "[]"]) {
      assert.strictEqual(new LineDecoder("p").push(Buffer.from(`${bad}\n`)).failure?.reason, "Internal", bad)
    }
    const half = new LineDecoder("p")
    half.push(Buffer.from('{"seq":'))
    assert.isTrue(half.isInside)
  })
})
