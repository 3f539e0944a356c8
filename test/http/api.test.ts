// The declaration and what is made of it. Numbers in names of tests are those of the protocol's acceptance statements.
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it, onTestFinished } from "vitest"
import * as Client from "../../http/Client.js"
import { openApi } from "../../http/openApi.js"
import { routes } from "../../http/server/routes.js"
import { append, createPool, eventually, request, startServer } from "./server.js"

const withFetch = <A, E>(effect: Effect.Effect<A, E, HttpClient.HttpClient>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, FetchHttpClient.layer))

/** Something that answers nothing of use, and counts who asks. */
const countingServer = async () => {
  let requests = 0
  const server = http.createServer((_, response) => {
    requests++
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return { requests: () => requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe("the description", () => {
  it("spec/openapi.json is what the declaration says", async () => {
    const kept: unknown = JSON.parse(fs.readFileSync(new URL("../../spec/openapi.json", import.meta.url), "utf8"))
    assert.deepStrictEqual(kept, JSON.parse(JSON.stringify(openApi())), "run: npm run openapi")
    const server = await startServer({ token: "t" })
    assert.deepStrictEqual((await request(server, "/openapi.json")).json(), kept)
  })

  it("knows every route, what it answers, and whether it needs the token", () => {
    const { components, paths } = openApi()
    const described = Object.values(paths).flatMap((path) => Object.values(path))
    assert.strictEqual(described.length, routes.length)
    for (const operation of described) {
      const name = operation.operationId.split(".")[1]
      const route = routes.find((candidate) => candidate.name === name)
      assert.deepStrictEqual(operation.security, route?.access === "open" ? [] : [{ bearer: [] }], name)
      assert.isString(operation.summary)
      assert.property(operation.responses, "400")
      assert.property(operation.responses, "401")
    }
    assert.isUndefined(components.schemas["HttpApiDecodeError"])
    assert.notInclude(JSON.stringify(paths), "HttpApiDecodeError")
    const text = JSON.stringify({ components, paths })
    for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) assert.property(components.schemas, name!)
  })
})

describe("the typed client", () => {
  it("speaks every unary endpoint", async () => {
    const server = await startServer({ token: "t" })
    const result = await withFetch(
      Effect.gen(function* () {
        const client = yield* Client.make({ url: server.url, token: "t" })
        assert.deepStrictEqual(yield* client.server.health(), { ok: true })
        assert.deepStrictEqual(yield* client.server.ready(), { ok: true })
        const created = yield* client.pools.create({ payload: { pool: "p p", size_bytes: 65_536 } })
        assert.strictEqual(created.pool.file_size, 65_536)
        const answer = yield* client.messages.append({
          path: { pool: "p p" },
          urlParams: {},
          payload: { data: { n: 1 }, tags: ["a"] }
        })
        assert.deepInclude("message" in answer ? answer.message : {}, { seq: 1, data: { n: 1 }, meta: { tags: ["a"] } })
        const many = yield* client.messages.append({
          path: { pool: "p p" },
          urlParams: { durability: "flush" },
          payload: '{"data":{}}\n{"data":{}}'
        })
        assert.deepInclude("appended" in many ? many.appended : {}, { first_seq: 2, last_seq: 3, count: 2 })
        const read = yield* client.messages.get({ path: { pool: "p p", seq: 1 } })
        assert.deepStrictEqual(read.message.data, { n: 1 })
        const payload = yield* client.messages.getEncoded({ path: { pool: "p p", seq: 1 } })
        yield* client.messages.appendEncoded({ path: { pool: "p p" }, urlParams: {}, payload })
        const opened = yield* client.pools.open({ payload: { pool: "p p" } })
        assert.deepStrictEqual(opened.pool.bounds, { oldest: 1, newest: 4 })
        const info = yield* client.pools.info({ path: { pool: "p p" } })
        assert.strictEqual(info.pool.metrics?.message_count, 4)
        const { pools } = yield* client.pools.list()
        assert.deepStrictEqual(
          pools.map(({ name }) => name),
          ["p p"]
        )
        assert.include(yield* client.server.metrics(), "plasmite_appended_messages_total")
        assert.strictEqual((yield* client.server.server()).server.auth, "bearer")
        const refused = yield* Effect.flip(client.pools.create({ payload: { pool: "p p" } }))
        const missing = yield* Effect.flip(client.pools.info({ path: { pool: "missing" } }))
        yield* client.pools.remove({ path: { pool: "p p" } })
        return [refused, missing].map((failure) => ("error" in failure ? failure.error.kind : failure._tag))
      })
    )
    assert.deepStrictEqual(result, ["AlreadyExists", "NotFound"])
  })

  it("has a method for every route, and each does with a real server what the declaration says", async () => {
    const server = await startServer({ token: "t", logRequests: "all" })
    const pool = "p é 1"
    await withFetch(
      Effect.gen(function* () {
        const client = yield* Client.make({ url: server.url, token: "t" })
        const path = { pool }
        yield* client.pools.create({ payload: { pool } })
        assert.strictEqual((yield* client.pools.open({ payload: { pool } })).pool.name, pool)
        assert.strictEqual((yield* client.pools.info({ path })).pool.name, pool)
        assert.strictEqual((yield* client.pools.uiInfo({ path })).pool.name, pool)
        assert.lengthOf((yield* client.pools.list()).pools, 1)
        assert.lengthOf((yield* client.pools.uiList()).pools, 1)
        yield* client.messages.append({ path, urlParams: {}, payload: { data: { n: 1 }, tags: ["a"], key: "k" } })
        const payload = yield* client.messages.getEncoded({ path: { pool, seq: 1 } })
        yield* client.messages.appendEncoded({ path, urlParams: { durability: "flush" }, payload })
        assert.strictEqual((yield* client.messages.get({ path: { pool, seq: 2 } })).message.seq, 2)
        const page = yield* client.messages.history({ path, urlParams: { tag: ["a", "key:k"], limit: 1 } })
        assert.deepStrictEqual([page.messages.length, page.messages[0]?.data], [1, { n: 1 }])
        const once = { max: 2, follow: false } as const
        const lines = (yield* client.tails.tail({ path, urlParams: once })).trim().split("\n")
        assert.deepStrictEqual(
          lines.map((line) => (JSON.parse(line) as { seq: number }).seq),
          [1, 2]
        )
        assert.isAbove((yield* client.tails.tailFrames({ path, urlParams: once })).length, 2 * payload.length)
        assert.include(yield* client.tails.events({ path, urlParams: once }), "event: message")
        const place = { pool, cursor: "c ü" }
        const committed = yield* client.cursors.commitCursor({
          path: place,
          payload: { seq: 1, generation: 0 }
        })
        assert.strictEqual(committed.cursor.seq, 1)
        assert.strictEqual((yield* client.cursors.cursor({ path: place })).cursor.seq, 1)
        assert.lengthOf((yield* client.cursors.cursors({ path })).cursors, 1)
        yield* client.cursors.removeCursor({ path: place })
        assert.isDefined(yield* client.page.histogram({ path, urlParams: { buckets: 4 } }))
        assert.include(yield* client.page.stats({ urlParams: { timeout_ms: 50 } }), "event: pools")
        for (const document of [client.page.page(), client.page.pageSlash(), client.page.poolPage({ path })]) {
          assert.include(yield* document, "Plasmite UI")
        }
        assert.include(yield* client.page.docs(), "/v0/pools")
        // A browser goes where it is led, and so does `fetch`; what it finds there is not what is declared here.
        yield* Effect.either(client.page.home())
        yield* client.server.health()
        yield* client.server.ready()
        assert.strictEqual((yield* client.server.server()).server.api, 0)
        assert.include(yield* client.server.metrics(), "plasmite_http_requests_total")
        assert.deepStrictEqual(yield* client.server.openapi(), JSON.parse(JSON.stringify(openApi())))
        yield* client.pools.remove({ path })
      })
    )
    const told = (name: string): number => server.logs.filter((line) => line.includes(` route=${name} `)).length
    await eventually("the last request is in the log", () => told("remove") === 1)
    for (const { name } of routes) assert.isAtLeast(told(name), 1, `nothing asked for ${name}`)
    const failed = server.logs.filter((line) => / route=/.test(line) && !/ status=(200|302) /.test(line))
    assert.deepStrictEqual(failed, [])
  })

  it("134: a durability that is no word fails before any request", async () => {
    const { requests, url } = await countingServer()
    const failure = await withFetch(
      Effect.gen(function* () {
        const client = yield* Client.make({ url })
        const durability = "sometimes" as "fast"
        return yield* Effect.flip(
          client.messages.append({ path: { pool: "p" }, urlParams: {}, payload: { data: {}, durability } })
        )
      })
    )
    assert.deepStrictEqual(["_tag" in failure ? failure._tag : failure, requests()], ["ParseError", 0])
  })

  it("49: a tail of frames that shall fail at a gap is refused before any request", async () => {
    const { requests, url } = await countingServer()
    const ask = (gap_policy: "continue") =>
      withFetch(
        Effect.gen(function* () {
          const client = yield* Client.make({ url })
          return yield* Effect.either(client.tails.tailFrames({ path: { pool: "p" }, urlParams: { gap_policy } }))
        })
      )
    const failure = await ask("error" as "continue")
    assert.strictEqual(requests(), 0)
    assert.strictEqual(failure._tag === "Left" && "_tag" in failure.left ? failure.left._tag : failure, "ParseError")
    await ask("continue")
    assert.strictEqual(requests(), 1)
  })

  it("132, 133: a tail passes its parameters on, and an error line is its failure", async () => {
    let url = ""
    const stranger = http.createServer((incoming, response) => {
      url = incoming.url ?? ""
      response.writeHead(200, { "content-type": "application/jsonl" })
      response.write('{"seq":1,"time":"2026-01-01T00:00:00Z","meta":{"tags":[]},"data":{}}\n\n')
      response.end('{"error":{"kind":"RetentionGap","message":"gone","seq":7}}\n')
    })
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve))
    const options = { url: `http://127.0.0.1:${(stranger.address() as AddressInfo).port}` }
    const seen: Array<number> = []
    const query = { since_seq: 1, max: 9, timeout_ms: 500, tag: ["a", "b,c"], gap_policy: "error" } as const
    const failure = await withFetch(
      Effect.flip(Stream.runForEach(Client.tail(options, "p", query), ({ seq }) => Effect.sync(() => seen.push(seq))))
    )
    stranger.close()
    assert.deepStrictEqual([seen, failure.reason, failure.seq], [[1], "RetentionGap", 7])
    const parameters = new URL(url, "http://h").searchParams
    assert.deepStrictEqual(parameters.getAll("tag"), ["a", "b,c"])
    assert.deepStrictEqual(
      ["since_seq", "max", "timeout_ms", "gap_policy"].map((name) => parameters.get(name)),
      ["1", "9", "500", "error"]
    )
  })

  it("a tail of our server, refusals included", async () => {
    const server = await startServer()
    await createPool(server, "p")
    for (let n = 0; n < 3; n++) await append(server, "p", { n })
    const messages = await withFetch(
      Stream.runCollect(Client.tail(server, "p", { follow: false, where: ".data.n > 0" }))
    )
    assert.deepStrictEqual(
      Chunk.toReadonlyArray(messages).map(({ seq }) => seq),
      [2, 3]
    )
    const missing = await withFetch(Effect.flip(Stream.runDrain(Client.tail(server, "missing"))))
    assert.strictEqual(missing.reason, "NotFound")
  })
})
