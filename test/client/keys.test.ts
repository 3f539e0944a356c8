/**
 * Keys in the client: a repeat gives the first message, blocking or as a promise.
 */
import { afterAll, expect, it } from "vitest"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Client, Durability } from "../../layers/index.js"

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "plasmite-client-keys-"))
const client = new Client(directory)
afterAll(() => {
  client.close()
  fs.rmSync(directory, { recursive: true, force: true })
})

it("a repeat gives the first message, also in a pool that takes several looks to read", async () => {
  const pool = client.pool("keys", 4 * 1024 * 1024)
  const first = pool.append({ total: 5 }, ["new"], Durability.Fast, { key: "order-42" })
  expect([first.seq, first.repeated, first.tags]).toEqual([1n, false, ["new", "key:order-42"]])
  pool.appendAll(Array.from({ length: 5000 }, (_, n) => ({ data: { n } })))
  const other = client.pool("keys")
  const again = other.append({ total: 6 }, [], Durability.Flush, { key: "order-42" })
  expect([again.seq, again.repeated, again.data]).toEqual([1n, true, { total: 5 }])
  expect(again.raw.equals(first.raw)).toBe(true)
  expect((await other.promises.append(Buffer.from("{}"), [], Durability.Fast, { key: "order-42" })).seq).toBe(1n)
  const batch = await pool.promises.appendAll([
    { data: { n: 1 }, key: "a" },
    { data: { n: 2 }, key: "order-42" },
    { data: { n: 3 } },
    { data: { n: 4 }, key: "a" }
  ])
  expect(batch.map(({ repeated, seq }) => [seq, repeated])).toEqual([
    [5002n, false],
    [1n, true],
    [5003n, false],
    [5002n, true]
  ])
  expect(batch[3]!.data).toEqual({ n: 1 })
  expect(pool.get(5003).repeated).toBe(false)
  expect(() => pool.append({}, [], Durability.Fast, { key: "" })).toThrow(/key of a message is empty/)
})
