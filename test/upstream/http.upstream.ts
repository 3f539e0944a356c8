/**
 * Our server with upstream's client, and our client with upstream's server: the same messages, the same failures, in both
 * directions.
 */
import * as Effect from "effect/Effect"
import * as Chunk from "effect/Chunk"
import * as Stream from "effect/Stream"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, afterEach, assert, describe, it } from "vitest"
import * as RemotePools from "../../http/RemotePools.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import { append, createPool, eventually, request, startServer } from "../http/server.js"

const upstream = process.env["PLASMITE_UPSTREAM_BIN"]!
const root = fs.mkdtempSync(path.join(os.tmpdir(), "pls-upstream-http-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill("SIGKILL")
  children.clear()
})

interface Program {
  readonly stdout: () => string
  readonly stderr: () => string
  readonly ended: Promise<number | null>
  readonly kill: () => void
}

const start = (args: ReadonlyArray<string>, env: Record<string, string> = {}, input = ""): Program => {
  const child = spawn(upstream, args, { env: { PATH: process.env["PATH"], HOME: root, ...env } })
  children.add(child)
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  child.stdin.end(input)
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    ended: new Promise((resolve) => child.on("close", (code) => resolve(code))),
    kill: () => child.kill("SIGTERM")
  }
}

const run = async (args: ReadonlyArray<string>, input = ""): Promise<Program & { readonly code: number | null }> => {
  const program = start(args, {}, input)
  return { ...program, code: await program.ended }
}

let servers = 0
/** Upstream's server, ready. */
const startUpstream = async (
  ...options: ReadonlyArray<string>
): Promise<{ url: string; port: number; stop: () => Promise<void> }> => {
  const ready = path.join(root, `ready-${servers}`)
  const program = start(
    ["--dir", path.join(root, `pools-${servers++}`), "serve", "--bind", "127.0.0.1:0", ...options],
    { PLASMITE_SERVE_READY_FILE: ready }
  )
  await eventually(
    "upstream's server",
    () => fs.existsSync(ready) && fs.readFileSync(ready, "utf8").includes(":"),
    20_000
  )
  const address = fs.readFileSync(ready, "utf8").trim()
  const stop = async (): Promise<void> => {
    program.kill()
    await program.ended
  }
  return { url: `http://${address}`, port: Number(address.split(":")[1]), stop }
}

const seqs = (text: string): Array<number> =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as { seq: number }).seq)

const remotely = <A>(
  options: RemotePools.RemoteOptions,
  program: Effect.Effect<A, PoolError, Pools | Scope.Scope>
): Promise<A> =>
  Effect.runPromise(
    Effect.scoped(program).pipe(Effect.provide(RemotePools.layer(options)), Effect.provide(JqMessageFilter.layer))
  )

const failing = <A, R>(effect: Effect.Effect<A, PoolError, R>): Effect.Effect<PoolError, never, R> =>
  Effect.orDieWith(Effect.flip(effect), () => new Error("should have failed"))

describe("upstream's client, our server", () => {
  it("writes, one and many, and reads back what it wrote", async () => {
    const server = await startServer()
    await createPool(server, "p")
    const url = `${server.url}/p`
    const one = await run(["feed", url, '{"big":9007199254740993,"one":1.0}', "--tag", "a"])
    assert.strictEqual(one.code, 0, one.stderr())
    assert.strictEqual((JSON.parse(one.stdout()) as { seq: number }).seq, 1)
    const many = await run(
      ["feed", url, "--durability", "flush"],
      Array.from({ length: 50 }, (_, n) => `{"n":${n}}\n`).join("")
    )
    assert.strictEqual(many.code, 0, many.stderr())
    assert.include((await request(server, "/v0/pools/p/messages/1")).text, '"big":9007199254740993,"one":1.0')
    const read = await run(["follow", url, "--tail", "51", "--format", "jsonl", "--timeout", "500ms"])
    assert.deepStrictEqual(
      seqs(read.stdout()),
      Array.from({ length: 51 }, (_, index) => index + 1)
    )
    assert.include(read.stdout(), "9007199254740993")
    const tagged = await run(["follow", url, "--tail", "51", "--tag", "a", "--format", "jsonl", "--timeout", "1s"])
    assert.deepStrictEqual(seqs(tagged.stdout()), [1])
  })

  it("follows live, through the ends of our streams, without a gap or a repetition", async () => {
    const server = await startServer({ maxTailTimeoutMillis: 400, heartbeatMillis: 50 })
    await createPool(server, "p")
    await append(server, "p", { n: 0 })
    const reader = start(["follow", `${server.url}/p`, "--tail", "1", "--format", "jsonl"])
    await eventually("the first message", () => seqs(reader.stdout()).length === 1, 20_000)
    for (let n = 1; n <= 60; n++) {
      await append(server, "p", { n })
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    await eventually("all messages", () => seqs(reader.stdout()).length >= 61, 20_000)
    assert.deepStrictEqual(
      seqs(reader.stdout()),
      Array.from({ length: 61 }, (_, index) => index + 1)
    )
    reader.kill()
    await reader.ended
  })

  it("understands our refusals", async () => {
    const server = await startServer({ token: "t" })
    const kind = (program: Program): string => (JSON.parse(program.stderr()) as { error: { kind: string } }).error.kind
    const url = `${server.url}/missing`
    assert.strictEqual(kind(await run(["feed", url, "{}"])), "Permission")
    assert.strictEqual(kind(await run(["feed", url, "{}", "--token", "wrong"])), "Permission")
    const missing = await run(["feed", url, "{}", "--token", "t"])
    assert.deepStrictEqual([missing.code, kind(missing)], [3, "NotFound"])
    const follow = await run(["follow", url, "--token", "t", "--tail", "1", "--timeout", "1s"])
    assert.deepStrictEqual([follow.code, kind(follow)], [3, "NotFound"])
    await server.run(server.pools.create("missing"))
    const ok = await run(["feed", url, '{"n":1}', "--token", "t"])
    assert.strictEqual(ok.code, 0, ok.stderr())
  })

  it("68: writes to our write-only server, which it cannot do with its own", async () => {
    const server = await startServer({ access: "write-only" })
    await createPool(server, "p")
    const written = await run(["feed", `${server.url}/p`, '{"n":1}'])
    assert.strictEqual(written.code, 0, written.stderr())
    assert.strictEqual((JSON.parse(written.stdout()) as { seq: number }).seq, 1)
  })
})

describe("our client, upstream's server", () => {
  it("creates, appends, gets, lists, describes and removes", async () => {
    const { url } = await startUpstream()
    await remotely(
      { url },
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("two words", { create: { sizeBytes: 200_000 } })
        const data = { text: "ü☃𝄞", list: [1, 2.5, { deep: null }], big: 9007199254740993n }
        const receipt = yield* pool.append(data, { tags: ["b", "a"], durability: "flush" })
        const message = yield* pool.get(1, { integers: "bigint" })
        assert.deepStrictEqual([message.data, message.tags, message.time], [data, ["b", "a"], receipt.time])
        assert.deepStrictEqual((yield* pool.info).bounds, { oldest: 1, newest: 1 })
        const listed = yield* pools.list
        assert.deepStrictEqual(
          listed.map(({ name }) => name),
          ["two words"]
        )
        const kinds = [
          yield* failing(pool.get(9)),
          yield* failing(pools.create("two words")),
          yield* failing(pools.open("missing")),
          yield* failing(pools.create("tiny", { sizeBytes: 100 })),
          yield* failing(pool.appendAll([{ data: {} }, { data: {} }]))
        ]
        assert.deepStrictEqual(
          kinds.map(({ reason }) => reason),
          ["NotFound", "AlreadyExists", "NotFound", "Usage", "Usage"]
        )
        yield* pools.remove("two words")
        assert.deepStrictEqual(yield* pools.list, [])
      })
    )
  })

  it("follows through the ends of its streams, filters, and reports what was overwritten", async () => {
    const { url, port } = await startUpstream("--max-tail-timeout-ms", "300")
    await createPool({ port }, "p")
    await createPool({ port }, "small", 65_536)
    await remotely(
      { url },
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("p")
        const writer = yield* Effect.fork(
          Effect.forEach(
            Array.from({ length: 60 }, (_, n) => n),
            (n) => Effect.delay(pool.append({ n }, { tags: n % 2 === 0 ? ["even"] : [] }), 20),
            { discard: true }
          )
        )
        const all = yield* Stream.runCollect(Stream.take(pool.tail({ from: "oldest" }), 60))
        assert.deepStrictEqual(
          Chunk.toReadonlyArray(all).map(({ seq }) => seq),
          Array.from({ length: 60 }, (_, index) => index + 1)
        )
        yield* writer.await
        const last = yield* Stream.runCollect(
          pool.tail({ from: { last: 2 }, tags: ["even"], where: [".data.n < 50"], follow: false })
        )
        assert.deepStrictEqual(
          Chunk.toReadonlyArray(last).map(({ data }) => data["n"]),
          [46, 48]
        )
        const small = yield* (yield* Pools).open("small")
        yield* Effect.forEach(
          Array.from({ length: 200 }, (_, n) => n),
          (n) => small.append({ n }),
          { discard: true }
        )
        const gap = yield* failing(Stream.runDrain(small.tail({ from: { seq: 1 }, onGap: "fail", follow: false })))
        assert.deepStrictEqual([gap.reason, gap.seq], ["RetentionGap", 1])
      })
    )
  })

  it("notices a pool that is deleted, which its frames cannot say", async () => {
    const { url, port } = await startUpstream("--max-tail-timeout-ms", "300")
    await createPool({ port }, "p")
    const failure = await remotely(
      { url },
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("p")
        yield* pool.append({ n: 1 })
        return yield* failing(Stream.runForEach(pool.tail({ from: "oldest" }), () => pools.remove("p")))
      })
    )
    assert.strictEqual(failure.reason, "NotFound")
  })

  it("brings its token", async () => {
    const { url } = await startUpstream("--token", "t")
    const create = Effect.flatMap(Pools, (pools) => pools.create("p"))
    const refused = await remotely({ url, token: "x" }, failing(create))
    assert.strictEqual(refused.reason, "Permission")
    assert.strictEqual((await remotely({ url, token: "t" }, create)).name, "p")
  })
})
