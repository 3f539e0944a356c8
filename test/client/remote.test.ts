/**
 * Pools of a server for programs without Effect: the calls of upstream's README and tests against a real server, and tails that
 * are left in every way without anything of them being left, on either side.
 */
import * as childProcess from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import { describe, expect, it } from "vitest"
import {
  Durability,
  ErrorKind,
  Message,
  parseMessage,
  RemoteClient,
  RemoteError,
  RemotePool
} from "../../layers/index.js"
import { makeCertificate } from "../cli/remoteServer.js"
import { freshDirectory, request, startServer, type TestServer } from "../http/server.js"

const built = new URL("../../dist/layers/index.js", import.meta.url).href

const opened = async (server: TestServer, name = "docs"): Promise<{ client: RemoteClient; pool: RemotePool }> => {
  const client = new RemoteClient(server.url)
  await client.createPool(name, 1024 * 1024)
  return { client, pool: await client.openPool(name) }
}

/** What the server counts, so that a tail nobody reads any more is not believed to be gone, but seen to be. */
const openTails = async (server: TestServer): Promise<number> => {
  const { text } = await request(server, "/metrics")
  return Number(/^plasmite_tails_open(?:\{[^}]*\})? (\d+)/m.exec(text)![1])
}

const allClosed = async (server: TestServer): Promise<void> => {
  const deadline = performance.now() + 5000
  while ((await openTails(server)) > 0) expect(performance.now(), "a tail is still open").toBeLessThan(deadline)
}

const failureOf = async (promise: Promise<unknown>): Promise<RemoteError> => {
  const error = await promise.then(
    () => expect.unreachable("it succeeded"),
    (reason: unknown) => reason
  )
  expect(error).toBeInstanceOf(RemoteError)
  return error as RemoteError
}

describe("RemoteClient", () => {
  it("creates, describes, lists and deletes pools", async () => {
    const server = await startServer()
    const client = new RemoteClient(server.url)
    const created = await client.createPool("events", 256n * 1024n)
    expect([created.name, created.file_size, created.bounds]).toEqual(["events", 256 * 1024, {}])
    const pool = await client.openPool("events")
    expect([pool.poolRef(), pool.pool, pool.client]).toEqual(["events", "events", client])
    await pool.append({ n: 1 })
    expect((await client.poolInfo("events")).bounds).toEqual({ oldest: 1, newest: 1 })
    expect((await client.listPools()).map(({ name }) => name)).toEqual(["events"])
    expect(await client.deletePool("events")).toBeUndefined()
    expect(await client.listPools()).toEqual([])
  })

  it("appends and gets messages of the shape that local pools give", async () => {
    const { pool } = await opened(await startServer())
    const message = await pool.append({ kind: "deploy", sha: "abc123" }, ["ops"])
    expect(message).toBeInstanceOf(Message)
    expect([message.seq, message.tags, message.data]).toEqual([1n, ["ops"], { kind: "deploy", sha: "abc123" }])
    for (const durability of [Durability.Fast, Durability.Flush, "fast", "flush"] as const) {
      await pool.append({ kind: "sync" }, [], durability)
    }
    for (const seq of [1, 1n]) {
      const got = await pool.get(seq)
      expect([got.seq, got.timeRfc3339, got.tags, got.data]).toEqual([1n, message.timeRfc3339, ["ops"], message.data])
      expect(parseMessage(got.raw).data).toEqual(message.data)
    }
    expect((await pool.get(5)).seq).toBe(5n)
  })

  it("reaches pools whatever is in their names", async () => {
    const { client, pool } = await opened(await startServer(), "two words & ümlaut?#%41")
    await pool.append({ n: 1 })
    expect((await client.listPools()).map(({ name }) => name)).toEqual(["two words & ümlaut?#%41"])
    for await (const { seq } of pool.tail({ maxMessages: 1 })) expect(seq).toBe(1n)
  })

  it("fails with the server's status, kind, hint and number", async () => {
    const { client, pool } = await opened(await startServer())
    expect(await failureOf(client.openPool("missing"))).toMatchObject({ status: 404, kind: ErrorKind.NotFound })
    expect(await failureOf(client.createPool("docs", 1 << 20))).toMatchObject({ status: 409, kind: 4 })
    expect(await failureOf(pool.get(7))).toMatchObject({ status: 404, kind: ErrorKind.NotFound, seq: 7 })
    const refused = await failureOf(pool.append([1, 2]))
    expect(refused).toMatchObject({ name: "RemoteError", status: 400, kind: ErrorKind.Usage })
    expect(refused.hint).toEqual(expect.any(String))
    expect(await failureOf(new RemotePool(client, "missing").tail().next())).toMatchObject({ status: 404 })
  })

  it("says Io, with the address, when nobody answers", async () => {
    const server = await startServer()
    await server.stop()
    const failure = await failureOf(new RemotePool(new RemoteClient(server.url), "docs").append({ n: 1 }))
    expect(failure).toMatchObject({ status: 0, kind: ErrorKind.Io })
    expect(failure.message).toContain(server.url)
    expect(failure.hint).toContain("running")
  })

  it("sends its token, also one that was given later", async () => {
    const server = await startServer({ token: "secret" })
    const client = new RemoteClient(`${server.url}/`)
    expect(await failureOf(client.listPools())).toMatchObject({ status: 401, kind: ErrorKind.Permission })
    expect(client.withToken("secret")).toBe(client)
    expect(await client.listPools()).toEqual([])
    expect(await new RemoteClient(server.url, { token: "secret" }).listPools()).toEqual([])
  })

  it("refuses addresses that are none, and works no more once it is closed", async () => {
    for (const address of ["nonsense", "ftp://host", "http://host/path", "http://user:pw@host"]) {
      expect(() => new RemoteClient(address), address).toThrow(RemoteError)
    }
    const { client, pool } = await opened(await startServer())
    client.close()
    client.close()
    for (const call of [client.listPools(), client.openPool("docs"), pool.append({}), pool.get(1)]) {
      expect(await failureOf(call)).toMatchObject({ status: 0, kind: ErrorKind.Usage })
    }
    expect(() => pool.tail()).toThrow("closed")
  })
})

describe("RemotePool.tail", () => {
  it("starts, filters and ends where it was told", async () => {
    const { pool } = await opened(await startServer())
    for (let n = 1; n <= 6; n++) await pool.append({ n }, n % 2 === 0 ? ["even", "all"] : ["all"])
    const seqs = async (...options: Parameters<RemotePool["tail"]>): Promise<Array<bigint>> => {
      const found: Array<bigint> = []
      for await (const { seq } of pool.tail(...options)) found.push(seq)
      return found
    }
    expect(await seqs({ maxMessages: 2 })).toEqual([1n, 2n])
    expect(await seqs({ sinceSeq: 0, tags: ["even", "all"], maxMessages: 1 })).toEqual([2n])
    expect(await seqs({ sinceSeq: 3n, tags: ["even"], timeoutMs: 100 })).toEqual([4n, 6n])
    expect(await seqs({ sinceSeq: 7, timeoutMs: 50 })).toEqual([])
    expect(await seqs({ tags: "even" as unknown as Array<string>, maxMessages: 3n })).toEqual([2n, 4n, 6n])
  })

  it("gives each message as it is appended, with all of its digits in `raw`", async () => {
    const server = await startServer()
    const { pool } = await opened(server)
    const tail = pool.tail()
    const first = tail.next()
    const body = '{"data":{"big":9007199254740993,"text":"ü\\n€"}}'
    await request(server, "/v0/pools/docs/append", { body, headers: { "content-type": "application/json" } })
    const { value } = await first
    expect(value!.raw.toString()).toContain('"big":9007199254740993')
    expect(value!.data).toEqual({ big: 9007199254740992, text: "ü\n€" })
    // Larger than any piece that a connection brings at once.
    const large = tail.next()
    await pool.append({ blob: "é".repeat(200_000) })
    expect((await large).value!.data).toEqual({ blob: "é".repeat(200_000) })
    await tail.return()
    await allClosed(server)
  })

  it("goes on over a gap, and fails with RetentionGap if asked to, before anything behind it", async () => {
    const { client } = await opened(await startServer(), "other")
    await client.createPool("small", 64 * 1024)
    const pool = await client.openPool("small")
    for (let n = 0; n < 200; n++) await pool.append({ n, blob: "x".repeat(1000) })
    const { value } = await pool.tail({ sinceSeq: 1 }).next()
    expect(value!.seq).toBeGreaterThan(1n)
    const failure = await failureOf(pool.tail({ sinceSeq: 1, errorOnGap: true, tags: ["none"] }).next())
    expect(failure).toMatchObject({ kind: ErrorKind.RetentionGap, seq: 1 })
  })

  const ways: ReadonlyArray<
    readonly [string, (abort: AbortController, client: RemoteClient, pool: RemotePool) => void]
  > = [
    ["its signal", (abort) => abort.abort()],
    ["close() of the pool", (_, __, pool) => pool.close()],
    ["close() of the client", (_, client) => client.close()]
  ]
  for (const [name, leave] of ways) {
    it(`ends without an error by ${name}, idle or not, and the server notices`, async () => {
      const server = await startServer()
      const { client, pool } = await opened(server)
      await pool.append({ n: 1 })
      const abort = new AbortController()
      const { signal } = abort
      const idle = (async () => {
        const seen: Array<bigint> = []
        for await (const { seq } of pool.tail({ signal })) seen.push(seq)
        return seen
      })()
      const never = pool.tail({ sinceSeq: 100, signal }).next()
      const stopped = (async () => {
        for await (const _ of pool.tail({ signal })) leave(abort, client, pool)
        return "ended"
      })()
      expect(await Promise.all([idle, never, stopped])).toEqual([[1n], { done: true, value: undefined }, "ended"])
      await allClosed(server)
    })
  }

  it("asks for nothing when it was aborted before", async () => {
    const { pool } = await opened(await startServer())
    expect((await pool.tail({ signal: AbortSignal.abort() }).next()).done).toBe(true)
  })

  it("lets many follow at once without a warning of leaks", async () => {
    const server = await startServer()
    const { client, pool } = await opened(server)
    const warnings: Array<Error> = []
    const warn = (warning: Error): void => void warnings.push(warning)
    process.on("warning", warn)
    const abort = new AbortController()
    const tails = Array.from({ length: 30 }, () => pool.tail({ signal: abort.signal }).next())
    await pool.append({ n: 1 })
    expect((await Promise.all(tails)).map(({ value }) => value!.seq)).toEqual(tails.map(() => 1n))
    client.close()
    await allClosed(server)
    process.off("warning", warn)
    expect(warnings).toEqual([])
  })

  it("says Io when the connection is lost, and Internal when what comes is no message", async () => {
    const line = '{"seq":1,"time":"2026-01-01T00:00:00Z","meta":{"tags":[]},"data":{}}\n'
    const answers = {
      broken: (socket: net.Socket) => void socket.destroy(),
      nonsense: (socket: net.Socket) => void socket.end("7\r\n<html>\n\r\n0\r\n\r\n")
    }
    const listener = net.createServer((socket) => {
      socket.on("error", () => {})
      socket.once("data", (request) => {
        const name = /pools\/(\w+)\/tail/.exec(request.toString())![1] as keyof typeof answers
        socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${line.length.toString(16)}\r\n${line}\r\n`)
        setTimeout(() => answers[name](socket), 50)
      })
    })
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve))
    const client = new RemoteClient(`http://127.0.0.1:${(listener.address() as net.AddressInfo).port}`)
    for (const [name, kind] of [
      ["broken", ErrorKind.Io],
      ["nonsense", ErrorKind.Internal]
    ] as const) {
      const tail = new RemotePool(client, name).tail()
      expect((await tail.next()).value!.seq).toBe(1n)
      expect((await failureOf(tail.next())).kind).toBe(kind)
    }
    listener.close()
  })

  it("lets the process end once it is left, and trusts the certificate that the program was started with", async () => {
    const directory = freshDirectory()
    fs.mkdirSync(directory, { recursive: true })
    const { cert, certFile, key } = makeCertificate(directory)
    const server = await startServer({ tls: { cert, key } })
    const script = `
      import { RemoteClient } from ${JSON.stringify(built)}
      const client = new RemoteClient(${JSON.stringify(server.url.replace(/^http:/, "https:"))})
      await client.createPool("far", 65536)
      const pool = await client.openPool("far")
      await pool.append({ n: 1 })
      for await (const { seq } of pool.tail()) { console.log("seq", seq); break }
    `
    const run = (env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> =>
      new Promise((resolve) => {
        const args = ["--input-type=module", "-e", script]
        childProcess.execFile(process.execPath, args, { env, timeout: 20_000 }, (_, stdout, stderr) =>
          resolve({ stdout, stderr })
        )
      })
    expect((await run({})).stderr).toContain("NODE_EXTRA_CA_CERTS")
    expect((await run({ NODE_EXTRA_CA_CERTS: certFile })).stdout).toBe("seq 1n\n")
  })
})
