// The client. Numbers in names of tests are those of the protocol's acceptance statements.
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import type * as Scope from "effect/Scope"
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as http from "node:http"
import * as https from "node:https"
import type { AddressInfo } from "node:net"
import * as path from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import * as RemotePools from "../../http/RemotePools.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import type { Gap } from "../../src/EncodedPool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import { append, createPool, eventually, freshDirectory, startServer } from "./server.js"

type Program<A> = Effect.Effect<A, PoolError, Pools | Scope.Scope>

const provided = <A>(options: RemotePools.RemoteOptions, program: Program<A>): Effect.Effect<A, PoolError> =>
  Effect.scoped(program).pipe(Effect.provide(RemotePools.layer(options)), Effect.provide(JqMessageFilter.layer))

const remotely = <A>(options: RemotePools.RemoteOptions, program: Program<A>): Promise<A> =>
  Effect.runPromise(provided(options, program))

const failing = <A>(options: RemotePools.RemoteOptions, program: Program<A>): Promise<PoolError> =>
  Effect.runPromise(Effect.flip(provided(options, program)))

const info = Effect.flatMap(Pools, (pools) => pools.info("p"))

describe("a client", () => {
  it("71: hears why a message is refused that is larger than the server takes, however much larger", async () => {
    const server = await startServer()
    await createPool(server, "p", 64 * 1024 * 1024)
    for (const mebibytes of [2, 40]) {
      const error = await failing(
        { url: server.url },
        Effect.flatMap(
          Effect.flatMap(Pools, (pools) => pools.open("p")),
          (pool) => pool.append({ text: "x".repeat(mebibytes * 1024 * 1024) })
        )
      )
      assert.strictEqual(error.reason, "Usage")
      assert.match(error.message, /takes at most 1048576; nothing was sent$/)
      assert.include(error.hint, "--max-body-bytes")
    }
    // What this server takes is more than usual.
    const large = await startServer({ maxBodyBytes: 4 * 1024 * 1024 })
    await createPool(large, "p", 16 * 1024 * 1024)
    const stored = await remotely(
      { url: large.url },
      Effect.flatMap(
        Effect.flatMap(Pools, (pools) => pools.open("p")),
        (pool) => pool.append({ text: "x".repeat(2 * 1024 * 1024) })
      )
    )
    assert.strictEqual(stored.seq, 1)
  })

  it("59, 123: brings its token, and says so when it is the wrong one", async () => {
    const server = await startServer({ token: "right" })
    await server.run(server.pools.create("p"))
    assert.strictEqual((await remotely({ url: server.url, token: "right" }, info)).name, "p")
    for (const token of [{}, { token: "wrong" }]) {
      assert.strictEqual((await failing({ url: server.url, ...token }, info)).reason, "Permission")
    }
  })

  it("68: appends to a write-only server", async () => {
    const server = await startServer({ access: "write-only" })
    await createPool(server, "p")
    const receipt = await remotely(
      { url: server.url },
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("p")
        return yield* pool.append({ n: 1 }, { tags: ["a"], durability: "flush" })
      })
    )
    assert.deepStrictEqual([receipt.seq, receipt.tags], [1, ["a"]])
    const stored = await server.run(Effect.flatMap(server.pools.open("p"), (pool) => pool.get(1)))
    assert.strictEqual(receipt.time, stored.time)
  })

  it("135: paths and URLs that are none are refused before anything is sent", async () => {
    const url = "http://127.0.0.1:1"
    const open = (ref: string | { readonly path: string }) => Effect.flatMap(Pools, (pools) => pools.info(ref))
    for (const ref of [{ path: "/tmp/p.plasmite" }, "/tmp/p", "", "a/b"]) {
      assert.strictEqual((await failing({ url }, open(ref))).reason, "Usage")
    }
    for (const bad of ["", "127.0.0.1:9700", "ftp://h", "http://h/pools", "http://user:pass@h", "unix:///x"]) {
      const error = await failing({ url: bad }, info)
      assert.strictEqual(error.reason, "Usage", bad)
      assert.notInclude(error.message, "pass")
    }
    const refused = await failing({ url }, info)
    assert.strictEqual(refused.reason, "Io")
    assert.include(refused.message, url)
  })

  it("136: answers that are no envelope are told apart by their status", async () => {
    let answer: [number, string] = [200, ""]
    const stranger = http.createServer((_, response) => response.writeHead(answer[0]).end(answer[1]))
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve))
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
    try {
      for (const [status, reason] of [
        [400, "Usage"],
        [401, "Permission"],
        [403, "Permission"],
        [404, "NotFound"],
        [409, "AlreadyExists"],
        [410, "RetentionGap"],
        [413, "Usage"],
        [415, "Usage"],
        [422, "Usage"],
        [423, "Busy"],
        [500, "Internal"],
        [503, "Internal"],
        [302, "Io"],
        [418, "Io"]
      ] as const) {
        answer = [status, "plain text"]
        const error = await failing({ url }, info)
        assert.strictEqual(error.reason, reason, String(status))
      }
      for (const body of ["", "plain", "{}", '{"pool":{"name":1}}', "[]"]) {
        answer = [200, body]
        assert.strictEqual((await failing({ url }, info)).reason, "Internal", body)
      }
      answer = [500, '{"error":{"kind":"Novel","message":"something new"}}']
      const novel = await failing({ url }, info)
      assert.deepStrictEqual([novel.reason, novel.message], ["Internal", "Novel: something new"])
    } finally {
      stranger.close()
    }
  })

  it("verify and repair are for the machine that has the file", async () => {
    const server = await startServer()
    const error = await failing(
      { url: server.url },
      Effect.flatMap(Pools, (pools) => pools.verify("p"))
    )
    assert.strictEqual(error.reason, "Usage")
    assert.include(error.hint, "pls doctor p")
  })
})

describe("following", () => {
  it("137: killing and restarting the server loses nothing that is retained, and repeats nothing", async () => {
    const directory = freshDirectory()
    let server = await startServer({ directory, maxTailTimeoutMillis: 250 })
    const { port, url } = server
    await createPool(server, "p", 8 * 1024 * 1024)
    const received: Array<number> = []
    const gaps: Array<Gap> = []
    const reader = remotely(
      { url },
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("p")
        yield* pool.tail({ from: "oldest", onGap: (gap) => Effect.sync(() => void gaps.push(gap)) }).pipe(
          Stream.takeUntil(({ data }) => data["last"] === true),
          Stream.runForEach(({ seq }) => Effect.sync(() => received.push(seq)))
        )
      })
    )
    const writer = await Effect.runPromise(Effect.succeed(server.pools))
    let appended = 0
    for (let round = 0; round < 4; round++) {
      for (let n = 0; n < 50; n++) {
        await append(server, "p", { n: ++appended })
        if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await server.stop()
      // Messages come while nobody serves them, too.
      await Effect.runPromise(Effect.scoped(Effect.flatMap(writer.open("p"), (pool) => pool.append({ n: ++appended }))))
      await new Promise((resolve) => setTimeout(resolve, 100))
      server = await startServer({ directory, port, maxTailTimeoutMillis: 250 })
    }
    await append(server, "p", { last: true })
    await reader
    assert.deepStrictEqual(
      received,
      Array.from({ length: appended + 1 }, (_, index) => index + 1)
    )
    assert.deepStrictEqual(gaps, [])
  })

  it("137: without the policy a server that went away is Io", async () => {
    const server = await startServer()
    await createPool(server, "p")
    await append(server, "p", {})
    const ended = failing(
      { url: server.url, reconnect: false },
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("p")
        yield* Stream.runForEach(pool.tail({ from: "oldest" }), () => Effect.promise(() => server.stop()))
      })
    )
    assert.strictEqual((await ended).reason, "Io")
  })

  it("138, 140: a tail outlives the server's limit, and misses nothing between two of its streams", async () => {
    const server = await startServer({ maxTailTimeoutMillis: 60 })
    await createPool(server, "p")
    await append(server, "p", { old: true })
    const fiber = Effect.runFork(
      Effect.scoped(
        Effect.gen(function* () {
          const pool = yield* (yield* Pools).open("p")
          return yield* Stream.runCollect(Stream.take(pool.tail(), 40))
        })
      ).pipe(Effect.provide(RemotePools.layer({ url: server.url })), Effect.provide(JqMessageFilter.layer))
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
    for (let n = 0; n < 40; n++) {
      await append(server, "p", { n })
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const exit = await Effect.runPromise(Fiber.await(fiber))
    assert.isTrue(Exit.isSuccess(exit))
    if (Exit.isSuccess(exit)) {
      assert.deepStrictEqual(
        Array.from(exit.value as Chunk.Chunk<{ seq: number }>, ({ seq }) => seq),
        Array.from({ length: 40 }, (_, index) => index + 2)
      )
    }
  })

  it("139: names with blanks and letters of any script work end to end", async () => {
    const server = await startServer()
    const name = "naïve ☃ 50%"
    const seen = await remotely(
      { url: server.url },
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open(name, { create: { sizeBytes: 65_536 } })
        yield* pool.append({ n: 1 })
        const messages = yield* Stream.runCollect(pool.tail({ from: "oldest", follow: false }))
        return [messages.length, (yield* pools.list)[0]?.name, (yield* pool.info).bounds.newest]
      })
    )
    assert.deepStrictEqual(seen, [1, name, 1])
  })

  it("a pool that was replaced by another ends the tail", async () => {
    const server = await startServer({ maxTailTimeoutMillis: 50 })
    await createPool(server, "p")
    for (let n = 0; n < 3; n++) await append(server, "p", { n })
    const received: Array<number> = []
    const ended = failing(
      { url: server.url },
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("p")
        yield* Stream.runForEach(pool.tail({ from: "oldest" }), ({ seq }) => Effect.sync(() => received.push(seq)))
      })
    )
    await eventually("all messages", () => received.length === 3)
    await server.run(Effect.zipRight(server.pools.remove("p"), server.pools.create("p")))
    assert.strictEqual((await ended).reason, "NotFound")
    assert.deepStrictEqual(received, [1, 2, 3])
  })

  it("a busy server is asked again until it has room", async () => {
    const server = await startServer({ maxTailConcurrency: 1, maxTailTimeoutMillis: 300 })
    await createPool(server, "p")
    const count = 5
    const tails = Array.from({ length: 2 }, () =>
      remotely(
        { url: server.url },
        Effect.gen(function* () {
          const pool = yield* (yield* Pools).open("p")
          const seen = yield* Ref.make(0)
          yield* Stream.runForEach(Stream.take(pool.tail({ from: "oldest" }), count), () =>
            Ref.update(seen, (n) => n + 1)
          )
          return yield* Ref.get(seen)
        })
      )
    )
    for (let n = 0; n < count; n++) await append(server, "p", { n })
    assert.deepStrictEqual(await Promise.all(tails), [count, count])
  })
})

describe("TLS", () => {
  const directory = freshDirectory()
  const file = (name: string): string => path.join(directory, name)
  let tls: { cert: string; key: string }
  let fingerprint = ""

  beforeAll(() => {
    fs.mkdirSync(directory, { recursive: true })
    const made = spawnSync(
      "openssl",
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost
        -addext subjectAltName=IP:127.0.0.1,DNS:localhost -addext basicConstraints=critical,CA:FALSE
        -keyout ${file("key.pem")} -out ${file("cert.pem")}`.split(/\s+/),
      { encoding: "utf8" }
    )
    assert.strictEqual(made.status, 0, made.stderr)
    tls = { cert: fs.readFileSync(file("cert.pem"), "utf8"), key: fs.readFileSync(file("key.pem"), "utf8") }
    const printed = spawnSync("openssl", ["x509", "-in", file("cert.pem"), "-noout", "-fingerprint", "-sha256"], {
      encoding: "utf8"
    })
    fingerprint = `SHA256:${/=(.*)/.exec(printed.stdout)![1]!}`
  })

  it("93: a client that trusts exactly the server's certificate is served, another is not", async () => {
    const server = await startServer({ tls })
    assert.match(server.url, /^https:/)
    await server.run(server.pools.create("p"))
    const health = await new Promise<string>((resolve, reject) => {
      https
        .get({ host: "127.0.0.1", port: server.port, path: "/healthz", ca: tls.cert, agent: false }, (incoming) => {
          incoming.setEncoding("utf8").on("data", resolve)
        })
        .on("error", reject)
    })
    assert.strictEqual(health, '{"ok":true}')
    for (const trust of [
      { ca: tls.cert },
      { fingerprint },
      { fingerprint: fingerprint.toLowerCase().replace("sha", "SHA") },
      { skipVerify: true }
    ]) {
      assert.strictEqual((await remotely({ url: server.url, tls: trust }, info)).name, "p")
    }
    const stranger = await failing({ url: server.url }, info)
    assert.strictEqual(stranger.reason, "Io")
    assert.include(stranger.hint, "--tls-ca")
  })

  it("141: another certificate than the pinned one gets no token", async () => {
    const server = await startServer({ tls, logRequests: "all" })
    await server.run(server.pools.create("p"))
    const other = `SHA256:${"00:".repeat(31)}00`
    const error = await failing({ url: server.url, token: "secret", tls: { fingerprint: other } }, info)
    assert.strictEqual(error.reason, "Io")
    assert.include(error.message, fingerprint)
    assert.strictEqual((await failing({ url: server.url, tls: { fingerprint: "AB:CD" } }, info)).reason, "Usage")
    await server.stop()
    assert.notInclude(server.logs.join("\n"), "/v0/pools")
  })

  it("a follow over TLS, and a certificate without its key", async () => {
    const server = await startServer({ tls })
    await server.run(server.pools.create("p"))
    const seen = await remotely(
      { url: server.url, tls: { ca: tls.cert } },
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("p")
        yield* pool.appendAll(Array.from({ length: 300 }, (_, n) => ({ data: { n } })))
        return yield* Stream.runCount(Stream.take(pool.tail({ from: "oldest" }), 300))
      })
    )
    assert.strictEqual(seen, 300)
    const error = await startServer({ tls: { cert: tls.cert, key: "no key" } }).then(
      () => "started",
      (failure: unknown) => String(failure)
    )
    assert.match(error, /certificate and key/)
  })
})
