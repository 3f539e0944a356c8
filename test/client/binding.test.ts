/**
 * What programs written for upstream's Node binding rely on: its own tests, rewritten for this runner; the calls are
 * upstream's, one short wait is longer, and its stand-ins for a server are the `fetch` of the program here, too.
 */
import { describe, expect, it, vi } from "vitest"
import * as childProcess from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import {
  Client,
  DEFAULT_POOL_SIZE_BYTES,
  Durability,
  ErrorKind,
  parseMessage,
  PlasmiteNativeError,
  type Pool,
  RemoteClient,
  RemoteError,
  RemotePool
} from "../../layers/index.js"

const makeClient = (): Client => {
  const poolDir = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "plasmite-client-")), "pools")
  fs.mkdirSync(poolDir, { recursive: true })
  return new Client(poolDir)
}

interface Kind {
  readonly kind: string
  readonly i?: number
}

const dataOf = (message: { readonly data: unknown }) => message.data as Kind

/** Appends until the message is gone. */
const fillPast = (pool: Pool, seq: bigint): void => {
  for (let i = 0; i < 10_000; i++) {
    pool.append({ padding: "x".repeat(4096), i })
    try {
      pool.get(seq)
    } catch (error) {
      expect(error).toMatchObject({ kind: ErrorKind.NotFound })
      return
    }
  }
  expect.unreachable(`message ${seq} is still there`)
}

/** What a stand-in for a server answers, and what it was asked. */
const standIn = async (answer: object, run: () => Promise<void>): Promise<URL | undefined> => {
  let asked: URL | undefined
  vi.stubGlobal("fetch", (url: unknown) => {
    asked = new URL(String(url))
    return Promise.resolve(answer)
  })
  try {
    await run()
  } finally {
    vi.unstubAllGlobals()
  }
  return asked
}

const streamOf = (text: string): ReadableStream =>
  new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    }
  })

describe("upstream's Node binding", () => {
  it("append and get support a large payload and tags", () => {
    const client = makeClient()
    const pool = client.createPool("big", 1024 * 1024)
    const payload = { blob: "x".repeat(64 * 1024) }
    const tags = ["alpha", "beta", "gamma"]
    const text = pool.appendJson(Buffer.from(JSON.stringify(payload)), tags, Durability.Fast)
    const message = JSON.parse(text.toString("utf8")) as { seq: number; data: typeof payload; meta: { tags: unknown } }
    expect(message.data).toEqual(payload)
    expect(message.meta.tags).toEqual(tags)
    const fetched = JSON.parse(pool.getJson(BigInt(message.seq)).toString("utf8")) as { data: typeof payload }
    expect(fetched.data).toEqual(payload)
    pool.close()
    client.close()
  })

  it("append, get and parseMessage round-trip JSON", () => {
    const client = makeClient()
    const pool = client.createPool("aliases", 1024 * 1024)
    const parsed = pool.append({ kind: "alias", ok: true }, ["alpha"])
    expect(parsed.data).toEqual({ kind: "alias", ok: true })
    expect(parsed.meta.tags).toEqual(["alpha"])
    expect(Buffer.isBuffer(parsed.raw)).toBe(true)
    expect(parsed.time).toBeInstanceOf(Date)
    expect(pool.get(parsed.seq).data).toEqual(parsed.data)
    const again = parseMessage(parsed.raw)
    expect([again.seq, again.timeRfc3339, again.tags, again.data]).toEqual([
      parsed.seq,
      parsed.timeRfc3339,
      parsed.tags,
      parsed.data
    ])
    expect(parseMessage(again)).toBe(again)
    client.close()
  })

  it("pools are 1 MiB unless somebody says otherwise, and plain envelopes are messages", () => {
    expect(DEFAULT_POOL_SIZE_BYTES).toBe(1024 * 1024)
    const { seq, tags, timeRfc3339 } = parseMessage({
      seq: "7",
      time: "2026-02-18T00:00:00Z",
      data: { ok: true },
      meta: { tags: ["alpha"] }
    })
    expect([seq, timeRfc3339, tags]).toEqual([7n, "2026-02-18T00:00:00Z", ["alpha"]])
    expect(() => parseMessage({ seq: "seven", time: "2026-02-18T00:00:00Z", data: {} })).toThrow("numeric")
  })

  it("client.pool creates a missing pool and reopens an existing one", () => {
    const client = makeClient()
    const first = client.pool("work", 1024 * 1024)
    const second = client.pool("work", 2 * 1024 * 1024)
    const appended = first.append({ kind: "created" }, ["alpha"])
    expect(dataOf(second.get(appended.seq)).kind).toBe("created")
    expect(client.listPools()).toEqual(["work"])
    first.close()
    expect(dataOf(second.get(1)).kind).toBe("created")
    client.close()
  })

  it("the default client creates its directory in a fresh home, and the process ends", () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "plasmite-client-home-"))
    const built = new URL("../../dist/layers/index.js", import.meta.url).href
    const script = `
      import { Client } from ${JSON.stringify(built)}
      const client = new Client()
      const pool = client.pool("work", 1024 * 1024)
      pool.append({ kind: "one" }, ["alpha"])
      for await (const message of pool.tail()) { console.log(message.data.kind); break }
      pool.close()
      client.close()
    `
    const { HOME: _, PLASMITE_DIR: __, ...env } = process.env
    const output = childProcess.spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...env, HOME: home },
      encoding: "utf8",
      timeout: 20_000
    })
    expect([output.status, output.stdout, output.stderr]).toEqual([0, "one\n", ""])
    expect(fs.existsSync(path.join(home, ".plasmite", "pools", "work.plasmite"))).toBe(true)
  })

  it("a stream that times out has no message, and closing it is safe", () => {
    const client = makeClient()
    const stream = client.createPool("tail", 1024 * 1024).openStream(9999n, 1n, 10n)
    expect(stream.nextJson()).toBe(null)
    stream.close()
    stream.close()
    client.close()
  })

  it("streams can be iterated", () => {
    const client = makeClient()
    const pool = client.createPool("iter", 1024 * 1024)
    const first = pool.append({ kind: "one" }, ["iter"])
    pool.append({ kind: "two" }, ["iter"])
    pool.append({ kind: "three" }, ["iter"])
    const stream = pool.openStream(first.seq, 3n, 50n)
    expect(Array.from(stream, (text) => dataOf(parseMessage(text)).kind)).toEqual(["one", "two", "three"])
    expect(stream.nextJson()).toBe(null)
    stream.close()

    const seed = pool.getLite3(first.seq)
    expect(seed.time).toBeInstanceOf(Date)
    const seq = pool.appendLite3(seed.payload)
    pool.appendLite3(seed.payload)
    const frames = pool.openLite3Stream(seq, 2n, 50n)
    expect(Array.from(frames, (frame) => frame.seq)).toEqual([seq, seq + 1n])
    expect(frames.next()).toBe(null)
    client.close()
  })

  it("tail filters by tags, and replay is a method of the pool", async () => {
    const client = makeClient()
    const pool = client.createPool("tail-replay", 1024 * 1024)
    pool.append({ kind: "drop", i: 1 }, ["drop"])
    const keep1 = pool.append({ kind: "keep", i: 2 }, ["keep"])
    pool.append({ kind: "drop", i: 3 }, ["drop"])
    const keep2 = pool.append({ kind: "keep", i: 4 }, ["keep"])

    const tailed: Array<number | undefined> = []
    for await (const message of pool.tail({ tags: ["keep"], maxMessages: 2, timeoutMs: 1000 })) {
      tailed.push(dataOf(message).i)
    }
    expect(tailed).toEqual([2, 4])

    const replayed: Array<bigint> = []
    const options = { sinceSeq: keep1.seq, maxMessages: 2, speed: 2, tags: ["keep"] }
    for await (const message of pool.replay(options)) replayed.push(message.seq)
    expect(replayed).toEqual([keep1.seq, keep2.seq])
    client.close()
  })

  it("a tail that times out without messages is done", async () => {
    const client = makeClient()
    const pool = client.createPool("tail-empty", 1024 * 1024)
    const iterator = pool.tail({ sinceSeq: 9999, maxMessages: 1, timeoutMs: 10, tags: ["nope"] })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    client.close()
  })

  it("a closed pool or client refuses, with the kind in the error", () => {
    const client = makeClient()
    const pool = client.createPool("closed", 1024 * 1024)
    pool.close()
    expect(() => pool.appendJson(Buffer.from("{}"), [], Durability.Fast)).toThrow(/closed/)
    client.close()
    client.close()
    let captured: unknown
    try {
      client.createPool("other", 1024 * 1024)
    } catch (error) {
      captured = error
    }
    expect(captured).toBeInstanceOf(PlasmiteNativeError)
    const error = captured as PlasmiteNativeError
    expect(error.kind).toBe(ErrorKind.Usage)
    expect(error.message).toMatch(/kind=Usage/)
  })

  it("encoded messages round-trip as bytes, and bytes that are none are refused", () => {
    const client = makeClient()
    const pool = client.createPool("lite3", 1024 * 1024)
    pool.appendJson(Buffer.from('{"x":1}'), ["alpha"], Durability.Fast)
    const frame = pool.getLite3(1n)
    const seq = pool.appendLite3(frame.payload)
    expect(pool.getLite3(seq).payload).toEqual(frame.payload)
    expect(() => pool.appendLite3(Buffer.from([1]), Durability.Fast)).toThrow(PlasmiteNativeError)
    client.close()
  })

  it("local tails and streams go on over a gap, or fail closed", async () => {
    const client = makeClient()
    const pool = client.createPool("gap", 64 * 1024)
    const { seq } = pool.append({ kind: "first" })
    fillPast(pool, seq)
    const next = await pool.tail({ sinceSeq: seq, maxMessages: 1, timeoutMs: 50 }).next()
    expect(next.value!.seq).toBeGreaterThan(seq)
    const gap = { kind: ErrorKind.RetentionGap, seq: Number(seq) }
    const closed = pool.tail({ sinceSeq: seq, tags: ["never"], timeoutMs: 50, errorOnGap: true }).next()
    await expect(closed).rejects.toBeInstanceOf(PlasmiteNativeError)
    await expect(closed).rejects.toMatchObject(gap)
    for (const stream of [
      () => pool.openLite3Stream(seq, null, 50n, true).next(),
      () => pool.openStream(seq, null, 50n, true).nextJson()
    ]) {
      expect(stream).toThrow(expect.objectContaining(gap))
    }
    expect(pool.openLite3Stream(seq, null, 50n).next()!.seq).toBe(next.value!.seq)
    client.close()
  })

  it("a remote tail says its wishes in the query, each tag by itself", async () => {
    const line = '{"seq":1,"time":"2026-01-01T00:00:00Z","meta":{"tags":["keep","prod"]},"data":{}}\n'
    const asked = await standIn({ ok: true, status: 200, body: streamOf(line) }, async () => {
      const pool = new RemotePool(new RemoteClient("http://127.0.0.1:9700"), "demo")
      const options = { tags: ["keep", "prod"], maxMessages: 1, timeoutMs: 10, errorOnGap: true }
      for await (const message of pool.tail(options)) {
        expect([message.seq, message.tags]).toEqual([1n, ["keep", "prod"]])
        expect(message.time).toBeInstanceOf(Date)
        expect(message.raw.toString()).toBe(line.trim())
        break
      }
    })
    expect(asked!.pathname).toBe("/v0/pools/demo/tail")
    expect(asked!.searchParams.getAll("tag")).toEqual(["keep", "prod"])
    expect(Object.fromEntries(asked!.searchParams)).toMatchObject({ max: "1", timeout_ms: "10", gap_policy: "error" })
  })

  it("a remote tail keeps the error that ended it", async () => {
    const body = streamOf('{"error":{"kind":"RetentionGap","message":"retention gap","seq":7}}\n')
    await standIn({ ok: true, status: 200, body }, async () => {
      const pool = new RemotePool(new RemoteClient("http://127.0.0.1:9700"), "demo")
      const next = pool.tail({ sinceSeq: 7, errorOnGap: true }).next()
      await expect(next).rejects.toBeInstanceOf(RemoteError)
      await expect(next).rejects.toMatchObject({ kind: ErrorKind.RetentionGap, seq: 7, status: 200 })
    })
  })

  it("remote errors of an unknown kind are Io, also where it is the name of something else", async () => {
    for (const kind of ["NoSuchKind", "toString", "constructor", 999]) {
      const answer = { ok: false, status: 400, json: async () => ({ error: { kind, message: "bad request" } }) }
      await standIn(answer, async () => {
        const pool = new RemotePool(new RemoteClient("http://127.0.0.1:9700"), "demo")
        await expect(pool.append({ value: 1 })).rejects.toMatchObject({
          kind: ErrorKind.Io,
          message: "bad request",
          status: 400
        })
      })
    }
    expect(new RemoteError(null, 502).message).toBe("Remote error 502")
    expect(new RemoteError({ error: { kind: 3 } }, 404).kind).toBe(ErrorKind.NotFound)
  })

  it("a durability that is none is refused before anybody is asked, and a redirect is not followed", async () => {
    const pool = new RemotePool(new RemoteClient("http://127.0.0.1:9700"), "demo")
    const asked = await standIn({ ok: true, status: 200 }, async () => {
      for (const durability of ["bogus", "constructor"] as unknown as ReadonlyArray<"fast">) {
        await expect(pool.append({ value: 1 }, [], durability)).rejects.toThrow(
          /durability must be Durability\.Fast or Durability\.Flush/
        )
      }
    })
    expect(asked).toBeUndefined()
    await standIn({ ok: false, status: 302 }, async () => {
      await expect(pool.get(1)).rejects.toThrow(/redirected the request \(HTTP 302\); redirects are not followed/)
    })
  })

  it("the cookbook's program: typed receipts, and a missing pool by its kind", () => {
    const client = makeClient()
    const pool = client.pool("cookbook-smoke", 1024 * 1024)
    const message = pool.append({ task: "resize", id: 1 }, ["cookbook"])
    expect([message.seq, message.tags, message.data]).toEqual([1n, ["cookbook"], { task: "resize", id: 1 }])
    try {
      client.openPool("missing")
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(PlasmiteNativeError)
      expect((error as PlasmiteNativeError).kind).toBe(ErrorKind.NotFound)
    }
    client.close()
  })
})
