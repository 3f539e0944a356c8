// A program of a project that uses the package with Effect. The result is checked here; whoever runs it looks at the exit code.
import { deepEqual, equal } from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { Pools, TypedPool } from "effect-plasmite"
import { NodePools } from "effect-plasmite/node"
import { MemoryPools, Simulated } from "effect-plasmite/testing"
import { Effect, Schema, Stream } from "effect"

const Note = Schema.Struct({ text: Schema.String, at: Schema.Date })

const program = Effect.scoped(
  Effect.gen(function* () {
    const pools = yield* Pools
    const notes = TypedPool.make(yield* pools.open("notes", { create: true }), Note)
    yield* notes.append({ text: "hi", at: new Date(0) }, { tags: ["greeting"] })
    const read = yield* Stream.runCollect(Stream.take(notes.tail({ from: "oldest", tags: ["greeting"] }), 1))
    const missing = yield* Effect.flip(notes.get(2))
    return { read: Array.from(read, ({ data, seq }) => `${seq} ${data.text} ${data.at.getUTCFullYear()}`), missing }
  })
)

const directory = mkdtempSync(`${tmpdir()}/plasmite-consumer-`)
try {
  const onFiles = await Effect.runPromise(Effect.provide(program, NodePools.layer({ directory })))
  deepEqual(onFiles.read, ["1 hi 1970"])
  equal(onFiles.missing._tag === "PoolError" && onFiles.missing.reason, "NotFound")
  deepEqual((await Effect.runPromise(Effect.provide(program, MemoryPools.layer()))).read, ["1 hi 1970"])
  deepEqual(Simulated.simulateOrThrow({ seed: 1, program }).read, ["1 hi 1970"])
  // jq loads a package of its own, and runs it on a thread.
  const filtered = Effect.gen(function* () {
    const notes = yield* (yield* Pools).open("notes")
    return yield* Stream.runCount(notes.tail({ from: "oldest", follow: false, where: ['.data.text | test("^h")'] }))
  })
  equal(await Effect.runPromise(Effect.provide(Effect.scoped(filtered), NodePools.layer({ directory }))), 1)
} finally {
  rmSync(directory, { recursive: true })
}
