/**
 * A tail that is overtaken again and again before it can read anything reports one gap, from the first message lost.
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
    Stream.runCollect(Stream.take(tailStream(handle, { from: { seq: 1 } }, { tags: [], filter: undefined }), 1)),
    (batches) => {
      const { gap, messages } = Chunk.unsafeHead(batches)
      assert.isAbove(overtaken, 3)
      assert.strictEqual(gap?.expected, 1)
      assert.strictEqual(gap?.found, messages[0]?.seq)
      assert.strictEqual(messages.at(-1)?.seq, newest)
    }
  )
})
