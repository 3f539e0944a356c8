/** The client for programs without Effect at upstream's server: what upstream's README shows, and each failure by its kind. */
import { assert, describe, it } from "vitest"
import { Durability, ErrorKind, RemoteClient, RemoteError } from "../../layers/index.js"
import { makeRoom } from "../cli/room.js"
import { serveUpstream } from "./serveUpstream.js"

const failureOf = async (promise: Promise<unknown>): Promise<RemoteError> => {
  const error = await promise.then(
    () => assert.fail("it succeeded"),
    (reason: unknown) => reason
  )
  assert.instanceOf(error, RemoteError)
  return error
}

describe("RemoteClient at upstream's server", () => {
  it("creates, appends, gets, tails, lists and deletes", async () => {
    const { url } = await serveUpstream(makeRoom(), 0)
    const client = new RemoteClient(url)
    await client.createPool("events", 1024 * 1024)
    const pool = await client.openPool("events")
    const message = await pool.append({ kind: "deploy", sha: "abc123" }, ["ops"])
    assert.deepEqual([message.seq, message.tags, message.data], [1n, ["ops"], { kind: "deploy", sha: "abc123" }])
    await pool.append({ kind: "other" }, [], Durability.Flush)
    assert.deepEqual((await pool.get(1)).data, { kind: "deploy", sha: "abc123" })
    const seen: Array<bigint> = []
    for await (const { seq } of pool.tail({ sinceSeq: 0, tags: ["ops"], maxMessages: 1 })) seen.push(seq)
    for await (const { seq } of pool.tail({ timeoutMs: 300 })) seen.push(seq)
    assert.deepEqual(seen, [1n, 1n, 2n])
    assert.deepEqual((await client.poolInfo("events")).bounds, { oldest: 1, newest: 2 })
    assert.deepEqual(
      (await client.listPools()).map(({ name }) => name),
      ["events"]
    )
    await client.deletePool("events")
    assert.deepEqual(await client.listPools(), [])
  })

  it("tells failures by their kind, and a gap in a tail if asked to", async () => {
    const { url } = await serveUpstream(makeRoom(), 0)
    const client = new RemoteClient(url)
    assert.include(await failureOf(client.openPool("missing")), { status: 404, kind: ErrorKind.NotFound })
    await client.createPool("small", 64 * 1024)
    assert.include(await failureOf(client.createPool("small", 64 * 1024)), { kind: ErrorKind.AlreadyExists })
    const pool = await client.openPool("small")
    for (let n = 0; n < 200; n++) await pool.append({ n, blob: "x".repeat(1000) })
    const next = await pool.tail({ sinceSeq: 1 }).next()
    assert.isAbove(Number(next.value!.seq), 1)
    const gap = await failureOf(pool.tail({ sinceSeq: 1, errorOnGap: true }).next())
    assert.include(gap, { kind: ErrorKind.RetentionGap, seq: 1 })
  })

  it("follows what is appended, and ends without an error when it is closed", async () => {
    const { url } = await serveUpstream(makeRoom(), 0)
    const client = new RemoteClient(url)
    await client.createPool("live", 1024 * 1024)
    const pool = await client.openPool("live")
    const seen: Array<bigint> = []
    const following = (async () => {
      for await (const { seq } of pool.tail()) seen.push(seq)
    })()
    for (let n = 0; n < 5; n++) await pool.append({ n })
    while (seen.length < 5) await new Promise((resolve) => setTimeout(resolve, 10))
    client.close()
    await following
    assert.deepEqual(seen, [1n, 2n, 3n, 4n, 5n])
  })
})
