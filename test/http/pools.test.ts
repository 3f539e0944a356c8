// Pools over HTTP. Numbers in names of tests are those of the protocol's acceptance statements.
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { append, createPool, freshDirectory, refused, request, startServer } from "./server.js"

interface PoolAnswer {
  readonly pool: {
    readonly name: string
    readonly path: string
    readonly file_size: number
    readonly index_capacity: number
    readonly bounds: Record<string, number>
    readonly metrics?: { readonly message_count: number }
  }
}
interface PoolsAnswer {
  readonly pools: ReadonlyArray<PoolAnswer["pool"]>
  readonly unreadable?: ReadonlyArray<{ readonly name: string; readonly error: { readonly kind: string } }>
}

const list = async (server: { readonly port: number }): Promise<PoolsAnswer> =>
  (await request(server, "/v0/pools")).json<PoolsAnswer>()

describe("pools", () => {
  it("1, 2: create, open and info agree; the default size is 1 MiB", async () => {
    const server = await startServer()
    const created = await request(server, "/v0/pools", { body: { pool: "chat", size_bytes: 200_000 } })
    assert.strictEqual(created.status, 200)
    assert.isAtLeast(created.json<PoolAnswer>().pool.file_size, 200_000)
    const opened = await request(server, "/v0/pools/open", { body: { pool: "chat" } })
    const info = await request(server, "/v0/pools/chat/info")
    assert.deepStrictEqual(opened.json(), created.json())
    assert.deepStrictEqual(info.json(), created.json())
    const { name, path: file } = info.json<PoolAnswer>().pool
    assert.deepStrictEqual([name, file], ["chat", "chat.plasmite"])
    const standard = await request(server, "/v0/pools", { body: { pool: "plain", size_bytes: null } })
    assert.strictEqual(standard.json<PoolAnswer>().pool.file_size, 1024 * 1024)
    const slots = await request(server, "/v0/pools", { body: { pool: "slots", index_capacity: 16 } })
    assert.strictEqual(slots.json<PoolAnswer>().pool.index_capacity, 16)
  })

  it("3: creating an existing pool is refused and leaves it alone", async () => {
    const server = await startServer()
    await createPool(server, "chat")
    await append(server, "chat", { n: 1 })
    refused(await request(server, "/v0/pools", { body: { pool: "chat" } }), 409, "AlreadyExists")
    assert.strictEqual((await request(server, "/v0/pools/chat/messages/1")).status, 200)
  })

  it("4: a size that makes no pool is refused and leaves no file", async () => {
    const server = await startServer()
    refused(await request(server, "/v0/pools", { body: { pool: "tiny", size_bytes: 100 } }), 400, "Usage")
    refused(await request(server, "/v0/pools", { body: { pool: "tiny", size_bytes: -1 } }), 400, "Usage")
    refused(await request(server, "/v0/pools", { body: { pool: "tiny", size_bytes: "big" } }), 400, "Usage")
    assert.deepStrictEqual(fs.existsSync(server.directory) ? fs.readdirSync(server.directory) : [], [])
  })

  it("5, 11: a pool is listed until it is deleted, whatever body the delete has", async () => {
    const server = await startServer()
    await createPool(server, "one")
    await createPool(server, "two")
    const { pools } = await list(server)
    assert.deepStrictEqual(
      pools.map(({ path }) => path),
      ["one.plasmite", "two.plasmite"]
    )
    for (const pool of pools) assert.isNumber((pool as unknown as Record<string, unknown>)["ring_offset"])
    const deleted = await request(server, "/v0/pools/one", { method: "DELETE", body: null })
    assert.deepStrictEqual([deleted.status, deleted.text], [200, '{"ok":true}'])
    assert.strictEqual((await request(server, "/v0/pools/two", { method: "DELETE" })).status, 200)
    assert.deepStrictEqual(await list(server), { pools: [] })
    refused(await request(server, "/v0/pools/one", { method: "DELETE" }), 404, "NotFound")
  })

  it("6: listing a directory that is missing is empty and does not create it", async () => {
    const directory = path.join(freshDirectory(), "deep")
    const server = await startServer({ directory })
    assert.deepStrictEqual(await list(server), { pools: [] })
    assert.isFalse(fs.existsSync(directory))
    await createPool(server, "chat")
    assert.isTrue(fs.existsSync(path.join(directory, "chat.plasmite")))
  })

  it("7, 8: a missing pool is NotFound, a file of garbage Corrupt", async () => {
    const server = await startServer()
    refused(await request(server, "/v0/pools/open", { body: { pool: "missing" } }), 404, "NotFound")
    refused(await request(server, "/v0/pools/missing/info"), 404, "NotFound")
    fs.mkdirSync(server.directory)
    fs.writeFileSync(path.join(server.directory, "garbage.plasmite"), Buffer.alloc(100_000, "garbage"))
    refused(await request(server, "/v0/pools/open", { body: { pool: "garbage" } }), 500, "Corrupt")
    // The pool is the greater trouble, whatever the payload.
    refused(await request(server, "/v0/pools/garbage/append", { body: { data: 5 } }), 500, "Corrupt")
  })

  it("8: open notices damage in a pool that the server has in use", async () => {
    const server = await startServer()
    await createPool(server, "chat")
    await append(server, "chat", { n: 1 })
    const file = fs.openSync(path.join(server.directory, "chat.plasmite"), "r+")
    fs.writeSync(file, "XXXXXXXX", 0)
    fs.closeSync(file)
    refused(await request(server, "/v0/pools/open", { body: { pool: "chat" } }), 500, "Corrupt")
  })

  it("9, 10, 14: names that are no names are refused, in bodies and in paths", async () => {
    const server = await startServer()
    const names = [
      "a/b",
      "a\\b",
      "",
      ".",
      "..",
      "../../etc/passwd",
      "nul\0",
      "line\n",
      "\u007f",
      "x".repeat(201),
      ".plasmite"
    ]
    for (const pool of [...names, "\ud800", "http://host/x"]) {
      for (const target of ["/v0/pools", "/v0/pools/open"]) {
        refused(await request(server, target, { body: { pool } }), 400, "Usage")
      }
    }
    for (const pool of names.filter((name) => name !== "")) {
      const segment = pool === "." ? "%2e" : pool === ".." ? "%2e%2e" : encodeURIComponent(pool)
      refused(await request(server, `/v0/pools/${segment}/info`), 400, "Usage")
      refused(await request(server, `/v0/pools/${segment}/append`, { body: { data: {} } }), 400, "Usage")
      refused(await request(server, `/v0/pools/${segment}/tail`), 400, "Usage")
      refused(await request(server, `/v0/pools/${segment}`, { method: "DELETE" }), 400, "Usage")
    }
    refused(await request(server, "/v0/pools/%zz/info"), 400, "Usage")
    refused(await request(server, "/v0/pools/%ff/info"), 400, "Usage")
    refused(await request(server, "/v0/pools//info"), 400, "Usage")
    refused(await request(server, "/v0/pools/chat%252Fx/info"), 404, "NotFound")
    assert.isFalse(fs.existsSync(server.directory))
  })

  it("a name is its file: with the ending or without, with blanks and letters of any script", async () => {
    const server = await startServer()
    await createPool(server, "chat.plasmite")
    assert.strictEqual(await append(server, "chat", { n: 1 }), 1)
    assert.strictEqual(await append(server, "chat.plasmite", { n: 2 }), 2)
    for (const name of ["two words", "naïve ☃ 𝄞", "100%", "a.plasmite.plasmite", "..hidden"]) {
      await createPool(server, name)
      assert.strictEqual(await append(server, name, { n: 1 }), 1)
      assert.strictEqual((await request(server, `/v0/pools/${encodeURIComponent(name)}/info`)).status, 200)
    }
    assert.strictEqual((await list(server)).pools.length, 6)
    assert.include(fs.readdirSync(server.directory), "a.plasmite.plasmite")
  })

  it("12: a pool may be called open", async () => {
    const server = await startServer()
    await createPool(server, "open")
    assert.strictEqual(await append(server, "open", { n: 1 }), 1)
    assert.strictEqual((await request(server, "/v0/pools/open", { body: { pool: "open" } })).status, 200)
    assert.strictEqual((await request(server, "/v0/pools/open", { method: "DELETE" })).status, 200)
    assert.deepStrictEqual(await list(server), { pools: [] })
    const wrong = await request(server, "/v0/pools/open")
    refused(wrong, 405, "Usage")
    assert.strictEqual(wrong.headers.allow, "DELETE, POST")
  })

  it("13: a damaged file does not hide the healthy pools", async () => {
    const server = await startServer()
    for (const name of ["b", "a", "c"]) await createPool(server, name)
    fs.writeFileSync(path.join(server.directory, "bad.plasmite"), "no pool")
    fs.writeFileSync(path.join(server.directory, "notes.txt"), "not a pool at all")
    const answer = await list(server)
    assert.deepStrictEqual(
      answer.pools.map(({ name }) => name),
      ["a", "b", "c"]
    )
    assert.deepStrictEqual(
      answer.unreadable?.map(({ error, name }) => [name, error.kind]),
      [["bad", "Corrupt"]]
    )
    const page = await request(server, "/v0/ui/pools")
    assert.strictEqual(page.json<PoolsAnswer>().pools.length, 3)
    assert.strictEqual((await request(server, "/v0/ui/pools/a/info")).json<PoolAnswer>().pool.name, "a")
  })

  it("15: sizes and numbers of pools have limits, which the hints name", async () => {
    const server = await startServer({ maxPoolBytes: 100_000, maxPools: 2 })
    const large = refused(
      await request(server, "/v0/pools", { body: { pool: "p", size_bytes: 100_001 } }),
      400,
      "Usage"
    )
    assert.include(large.hint, "--max-pool-bytes")
    await createPool(server, "one", 50_000)
    await createPool(server, "two", 50_000)
    const third = refused(
      await request(server, "/v0/pools", { body: { pool: "three", size_bytes: 50_000 } }),
      400,
      "Usage"
    )
    assert.include(third.hint, "--max-pools")
    await request(server, "/v0/pools/one", { method: "DELETE" })
    await createPool(server, "three", 50_000)
  })

  it("a pool that another process deletes or replaces is noticed within milliseconds", async () => {
    const server = await startServer()
    await createPool(server, "chat")
    for (let n = 0; n < 3; n++) await append(server, "chat", { n })
    fs.unlinkSync(path.join(server.directory, "chat.plasmite"))
    await new Promise((resolve) => setTimeout(resolve, 10))
    refused(await request(server, "/v0/pools/chat/messages/1"), 404, "NotFound")
    refused(await request(server, "/v0/pools/chat/append", { body: { data: {} } }), 404, "NotFound")
    await server.run(server.pools.create("chat"))
    assert.strictEqual(await append(server, "chat", { again: true }), 1)
  })
})
