/**
 * What ours adds for programs without Effect: promises that do not block, tails that can be left in every way, exact numbers.
 */
import { afterEach, describe, expect, it } from "vitest"
import * as childProcess from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as util from "node:util"
import { Client, Durability, ErrorKind, PlasmiteNativeError } from "../../binding/index.js"

const directory = (): string => fs.mkdtempSync(path.join(os.tmpdir(), "plasmite-client-"))

let client = new Client(directory())
afterEach(() => {
  client.close()
  client = new Client(directory())
})

const numbers = (count: number) => Array.from({ length: count }, (_, index) => ({ data: { n: index + 1 } }))

describe("Client", () => {
  it("appends many under one lock, on disk if asked, and reads them back", async () => {
    const pool = client.pool("many")
    const written = await pool.promises.appendAll(numbers(100), Durability.Flush)
    expect(written.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => BigInt(index + 1)))
    expect((await pool.promises.get(50)).data).toEqual({ n: 50 })
    expect((await pool.promises.append({ n: 101 }, ["last"])).tags).toEqual(["last"])
    expect(pool.appendAll(numbers(2)).map(({ seq }) => seq)).toEqual([102n, 103n])
  })

  it("keeps the digits of JSON text, and rounds only in `data`", () => {
    const pool = client.pool("exact")
    const text = pool.appendJson(Buffer.from('{"big":9007199254740993,"one":1.0}')).toString()
    expect(text).toContain('"data":{"big":9007199254740993,"one":1.0}')
    expect(pool.getJson(1).toString()).toBe(text)
    expect(pool.get(1).data).toEqual({ big: 9007199254740992, one: 1 })
  })

  it("shows a message as what it says, on a console and as JSON", () => {
    const message = client.pool("shown").append({ n: 1 }, ["tag"])
    const { timeRfc3339 } = message
    expect(util.inspect(message)).toBe(
      util.inspect({ seq: 1n, time: timeRfc3339, tags: ["tag"], data: { n: 1 } }, { breakLength: 80 })
    )
    expect(JSON.parse(JSON.stringify(message))).toEqual(JSON.parse(message.raw.toString()))
  })

  it("gives typed errors, from calls and from promises", async () => {
    const pool = client.pool("errors")
    expect(() => pool.append([1, 2])).toThrow(/object/)
    await expect(pool.promises.append("text")).rejects.toBeInstanceOf(PlasmiteNativeError)
    await expect(pool.promises.get(7)).rejects.toMatchObject({ kind: ErrorKind.NotFound, seq: 7 })
    expect(() => client.createPool("errors")).toThrow(/kind=AlreadyExists/)
  })

  it("leaves a tail by break, by return and by a signal, and follows what is appended meanwhile", async () => {
    const pool = client.pool("leave")
    pool.appendAll(numbers(3))
    for await (const message of pool.tail()) {
      expect(message.seq).toBe(1n)
      break
    }

    const iterator = pool.tail({ sinceSeq: 3 })
    expect((await iterator.next()).value?.seq).toBe(3n)
    const waiting = iterator.next()
    pool.append({ n: 4 })
    expect((await waiting).value?.seq).toBe(4n)
    await iterator.return()
    expect((await iterator.next()).done).toBe(true)

    const controller = new AbortController()
    const seen: Array<bigint> = []
    setTimeout(() => controller.abort(), 30)
    for await (const message of pool.tail({ signal: controller.signal })) seen.push(message.seq)
    expect(seen).toEqual([1n, 2n, 3n, 4n])
    for await (const _ of pool.tail({ signal: controller.signal })) expect.unreachable()
  })

  it("filters with jq, and says what is wrong with a filter", async () => {
    const pool = client.pool("jq")
    pool.appendAll(numbers(9))
    const seen: Array<bigint> = []
    for await (const { seq } of pool.tail({ where: [".data.n % 3 == 0"], maxMessages: 3 })) seen.push(seq)
    expect(seen).toEqual([3n, 6n, 9n])
    await expect(pool.tail({ where: [".data.n =="] }).next()).rejects.toMatchObject({ kind: ErrorKind.Usage })
  })

  it("ends with an error when its pool is deleted", async () => {
    const pool = client.pool("gone")
    pool.append({ n: 1 })
    const iterator = pool.tail()
    await iterator.next()
    const waiting = iterator.next()
    setTimeout(() => client.deletePool("gone"), 10)
    await expect(waiting).rejects.toMatchObject({ kind: ErrorKind.NotFound })
  })

  it("waits for a lock that another process holds: blocking the thread, or not", async () => {
    const pool = client.pool("locked")
    pool.append({ n: 1 })
    const file = poolPath()
    const holder = childProcess.spawn("flock", [file, "-c", "echo held; read _"], {
      stdio: ["pipe", "pipe", "inherit"]
    })
    await new Promise((resolve) => holder.stdout.once("data", resolve))
    const promised = pool.promises.append({ n: 2 })
    // The lock is given back by a program that goes on meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 30))
    holder.stdin.end()
    expect((await promised).seq).toBe(2n)

    const again = childProcess.spawn("flock", [file, "-c", "echo held; sleep 0.3"], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    await new Promise((resolve) => again.stdout.once("data", resolve))
    expect(pool.append({ n: 3 }).seq).toBe(3n)
  })
})

const poolPath = (): string => {
  try {
    client.createPool("locked")
  } catch (error) {
    return (error as PlasmiteNativeError).path ?? ""
  }
  return ""
}
