/**
 * What programs written for upstream's Node binding rely on: its own tests of the local client, rewritten for this runner; the
 * calls are upstream's, one short wait is longer.
 */
import { describe, expect, it } from "vitest"
import * as childProcess from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Client, Durability, ErrorKind, parseMessage, PlasmiteNativeError } from "../../layers/index.js"

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
