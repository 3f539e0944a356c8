// Appends with keys over HTTP, asked by hand and by the client: answers, refusals, what a server that is only written to keeps to
// itself, and what becomes of a request whose answer was lost.
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it, onTestFinished } from "vitest"
import * as RemotePools from "../../http/RemotePools.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import { wayTo } from "../cli/remoteServer.js"
import { createPool, refused, request, startServer, type TestServer } from "./server.js"

interface Told {
  readonly seq: number
  readonly meta: { readonly tags: ReadonlyArray<string> }
  readonly data?: unknown
  readonly repeated?: boolean
}

interface Answer {
  readonly message?: Told
  readonly repeated?: boolean
  readonly receipts?: ReadonlyArray<Told>
}

const append = async (server: TestServer, body: object): Promise<Answer> =>
  (await request(server, "/v0/pools/p/append", { body })).json<Answer>()

const lines = (server: TestServer, ...all: ReadonlyArray<object>) =>
  request(server, "/v0/pools/p/append", {
    body: all.map((line) => `${JSON.stringify(line)}\n`).join(""),
    headers: { "content-type": "application/x-ndjson" }
  })

const remotely = <A>(url: string, program: Effect.Effect<A, PoolError, Pools | Scope.Scope>): Promise<A> =>
  Effect.runPromise(
    Effect.scoped(program).pipe(Effect.provide(RemotePools.layer({ url })), Effect.provide(JqMessageFilter.layer))
  )

/** The error; succeeding is the failure of the test. */
const failure = <A, R>(effect: Effect.Effect<A, PoolError, R>): Effect.Effect<PoolError, never, R> =>
  Effect.matchEffect(effect, {
    onFailure: Effect.succeed,
    onSuccess: (value) => Effect.dieMessage(`should have failed, but gave ${JSON.stringify(value)}`)
  })

const newest = async (server: TestServer): Promise<number | undefined> =>
  (await request(server, "/v0/pools/p/info")).json<{ pool: { bounds: { newest?: number } } }>().pool.bounds.newest

describe("append with a key", () => {
  it("answers a repeat with the first message, and says so; without a key nothing is different", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const first = await append(server, { data: { n: 1 }, tags: ["a"], key: "k" })
    assert.deepStrictEqual([first.message?.seq, first.message?.meta.tags], [1, ["a", "key:k"]])
    assert.notProperty(first, "repeated")
    assert.notProperty(await append(server, { data: { n: 2 }, key: null }), "repeated")
    assert.deepStrictEqual(await append(server, { data: { n: 3 }, key: "k" }), { ...first, repeated: true })
    assert.deepStrictEqual((await append(server, { data: {}, key: "k", durability: "flush" })).message, first.message)
    for (const key of ["", 7, ["k"], {}]) {
      refused(await request(server, "/v0/pools/p/append", { body: { data: {}, key } }), 400, "Usage")
    }
    assert.strictEqual(await newest(server), 2)
  })

  it("of many at once becomes one message; their neighbours without keys are all stored", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        append(server, n % 3 === 0 ? { data: { n } } : { data: { n }, key: `k${n % 2}` })
      )
    )
    assert.strictEqual(await newest(server), 12)
    assert.strictEqual(answers.filter(({ repeated }) => repeated).length, 18)
    for (const n of [1, 2]) {
      const seqs = answers.flatMap(({ message }, index) =>
        index % 3 !== 0 && index % 2 === n % 2 ? [message!.seq] : []
      )
      assert.strictEqual(new Set(seqs).size, 1)
    }
  })

  it("in lines: a receipt for each, the first message's data where it was there before", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, { data: { n: 1 }, key: "a" })
    const answer = await lines(server, { data: { n: 2 } }, { data: { n: 3 }, key: "a" }, { data: { n: 4 }, key: "b" })
    const { receipts } = answer.json<Answer>()
    assert.deepStrictEqual(
      receipts?.map(({ data, meta, repeated, seq }) => ({ seq, tags: meta.tags, data, repeated })),
      [
        { seq: 2, tags: [], data: undefined, repeated: undefined },
        { seq: 1, tags: ["key:a"], data: { n: 1 }, repeated: true },
        { seq: 3, tags: ["key:b"], data: undefined, repeated: undefined }
      ]
    )
    assert.include((await lines(server, { data: {} })).text, '"appended"')
    const bad = await lines(server, { data: {}, key: "c" }, { data: {}, key: "" })
    assert.strictEqual(bad.status, 400)
    assert.include(bad.text, "line 2")
    assert.strictEqual(await newest(server), 4)
  })

  it("of a server that is only written to tells nothing of the first message but that it is there", async () => {
    const server = await startServer({ access: "write-only" })
    await createPool(server, "p")
    await append(server, { data: { secret: 1 }, tags: ["hidden"], key: "k" })
    for (const answer of [
      JSON.stringify(await append(server, { data: {}, key: "k" })),
      (await lines(server, { data: {}, key: "k" })).text
    ]) {
      assert.notMatch(answer, /secret|hidden/)
      const [receipt] = (JSON.parse(answer) as Answer).receipts!
      assert.deepStrictEqual([receipt!.seq, receipt!.repeated, receipt!.meta.tags], [1, true, ["key:k"]])
    }
    const receipt = await remotely(
      server.url,
      Effect.flatMap(
        Effect.flatMap(Pools, (pools) => pools.open("p")),
        (pool) => pool.append({}, { key: "k" })
      )
    )
    assert.deepStrictEqual([receipt.seq, receipt.repeated, receipt.tags], [1, true, ["key:k"]])
  })
})

describe("a client", () => {
  it("sends a message with a key again when the answer was lost, digits and all; one without it is not repeated", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const way = await wayTo(server.port)
    const { first, plain } = await remotely(
      way.url,
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("p")
        way.swallowAnswers(2)
        const first = yield* pool.append({ big: 9007199254740993n, tenth: 0.1 }, { key: "k", durability: "flush" })
        way.swallowAnswers(1)
        const plain = yield* failure(pool.append({ n: 2 }))
        way.swallowAnswers(1)
        const batch = yield* pool.appendAll([
          { data: { n: 3 }, key: "a" },
          { data: { n: 4 }, key: "b" }
        ])
        assert.deepStrictEqual(
          batch.map(({ repeated, seq }) => [seq, repeated]),
          [
            [3, true],
            [4, true]
          ]
        )
        assert.deepStrictEqual((yield* pool.get(1, { integers: "bigint" })).data, {
          big: 9007199254740993n,
          tenth: 0.1
        })
        return { first, plain }
      })
    )
    assert.deepStrictEqual([first.seq, first.repeated], [1, true])
    assert.strictEqual(plain.reason, "Io")
    assert.strictEqual(await newest(server), 4)
  })

  it(
    "gives up after some seconds when nobody answers, and says that it may be sent again",
    { timeout: 30_000 },
    async () => {
      const server = await startServer()
      await createPool(server, "p")
      const way = await wayTo(server.port)
      const error = await remotely(
        way.url,
        Effect.gen(function* () {
          const pool = yield* (yield* Pools).open("p")
          way.swallowAnswers()
          return yield* failure(pool.append({}, { key: "k" }))
        })
      )
      assert.strictEqual(error.reason, "Io")
      assert.match(error.hint ?? "", /same key/)
      assert.strictEqual(await newest(server), 1)
    }
  )

  it("of a server that knows of no keys refuses with Usage, and sends nothing", async () => {
    const requests: Array<string> = []
    const server = http.createServer((incoming, response) => {
      requests.push(incoming.url ?? "")
      response.end("{}")
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void server.close())
    const error = await remotely(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("p")
        return yield* failure(pool.append({}, { key: "k" }))
      })
    )
    assert.strictEqual(error.reason, "Usage")
    assert.match(error.message, /knows of no keys; nothing was appended/)
    assert.isDefined(error.hint)
    assert.notInclude(requests.join(), "append")
  })
})
