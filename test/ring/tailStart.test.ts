/**
 * What a tail fixes at its start, and what it says when it is overtaken before it could read anything.
 */
import { assert, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { LocalHandle } from "../../src/internal/localHandle.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { tailStream } from "../../src/internal/tailStream.js"
import { MemoryFile, TestLock } from "./MemoryFile.js"
import { payloadOf } from "./tools.js"
import { upstreamAppend } from "./UpstreamWriter.js"

/** Looks again at every turn of the event loop. */
const eager = {
  announce: () => {},
  waitUntil: (changed: () => boolean): Effect.Effect<void> =>
    Effect.suspend(() => (changed() ? Effect.void : Effect.zipRight(Effect.yieldNow(), eager.waitUntil(changed))))
}

const openHandle = (file: MemoryFile): LocalHandle => {
  const ring = Ring.open(file)
  return new LocalHandle("test", "test.plasmite", 1000, file, ring, new RingWriter(ring), new TestLock(), eager)
}

const firstBatch = (handle: LocalHandle) =>
  Effect.map(
    Stream.runCollect(Stream.take(tailStream(handle, { from: "now" }, { tags: [], filter: undefined }, "kept"), 1)),
    Chunk.unsafeHead
  )

it.live("a tail from now has what is appended from its start on, before its first look too", () =>
  Effect.gen(function* () {
    const file = MemoryFile.create(4096 + 1000, 0)
    const handle = openHandle(file)
    upstreamAppend(file, payloadOf(1, 100))
    let reads = 0
    // Two reads of the group fix the position; the next one is the first look.
    file.beforeRead = () => {
      if (++reads === 3) upstreamAppend(file, payloadOf(2, 100))
    }
    const { gap, messages } = yield* Effect.timeout(firstBatch(handle), "5 seconds")
    assert.isUndefined(gap)
    assert.deepStrictEqual(
      messages.map(({ seq }) => seq),
      [2]
    )
  })
)

it.live("a tail from now that is overtaken before its first look says so", () =>
  Effect.gen(function* () {
    const file = MemoryFile.create(4096 + 1000, 0)
    const handle = openHandle(file)
    upstreamAppend(file, payloadOf(1, 100))
    let reads = 0
    file.beforeRead = () => {
      if (++reads === 3) for (let seq = 2; seq <= 12; seq++) upstreamAppend(file, payloadOf(seq, 100))
    }
    const { gap, messages } = yield* Effect.timeout(firstBatch(handle), "5 seconds")
    assert.strictEqual(gap?.expected, 2)
    assert.strictEqual(gap?.found, messages[0]?.seq)
    assert.strictEqual(messages.at(-1)?.seq, 12)
  })
)

it.live("one gap, however often the tail was overtaken within it", () => {
  const file = MemoryFile.create(4096 + 1000, 0)
  let newest = 0
  const overtake = (): void => {
    for (let count = 0; count < 8; count++) upstreamAppend(file, payloadOf(++newest, 100))
  }
  overtake()
  const lock = new TestLock()
  // Taken until the tail was overtaken three times; it asks right after it copied.
  let overtaken = 0
  lock.isFree = false
  lock.beforeAttempt = () => {
    if (overtaken++ < 3) overtake()
    else lock.isFree = true
  }
  const ring = Ring.open(file)
  const notify = { announce: () => {}, waitUntil: () => Effect.never }
  const handle = new LocalHandle("test", "test.plasmite", 1000, file, ring, new RingWriter(ring), lock, notify)
  return Effect.map(
    Stream.runCollect(
      Stream.take(tailStream(handle, { from: { seq: 1 } }, { tags: [], filter: undefined }, "kept"), 1)
    ),
    (batches) => {
      const { gap, messages } = Chunk.unsafeHead(batches)
      assert.isAbove(overtaken, 3)
      assert.strictEqual(gap?.expected, 1)
      assert.strictEqual(gap?.found, messages[0]?.seq)
      assert.strictEqual(messages.at(-1)?.seq, newest)
    }
  )
})

it.live("a tail that is to end does so when a repair takes back what it was to end with", () =>
  Effect.gen(function* () {
    const file = MemoryFile.create(4096 + 400_000, 0)
    const handle = openHandle(file)
    const append = (from: number, to: number): void => {
      for (let seq = from; seq <= to; seq++) upstreamAppend(file, payloadOf(seq, 100))
    }
    // As many as one look takes, and a few that are gone before the next.
    append(1, 1024)
    const before = file.bytes.slice()
    append(1025, 1100)
    const seen: Array<number> = []
    const bounded = tailStream(handle, { from: "oldest", follow: false }, { tags: [], filter: undefined }, "kept")
    yield* Effect.timeout(
      Stream.runForEach(bounded, ({ gap, messages }) =>
        Effect.sync(() => {
          assert.isUndefined(gap)
          for (const { seq } of messages) seen.push(seq)
          file.bytes.set(before)
        })
      ),
      "5 seconds"
    )
    assert.deepStrictEqual([seen.length, seen.at(-1)], [1024, 1024])
  })
)
