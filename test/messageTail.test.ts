/**
 * Decoding a tail: messages, gaps and damage come out in their places, whatever batches they came in, and whether a
 * stream or a function gets them.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { EncodedPool, StoredMessage, TailBatch } from "../src/EncodedPool.js"
import { encodeValue } from "../src/internal/lite3/encodeValue.js"
import { messageForEach } from "../src/internal/messageForEach.js"
import { messageTail } from "../src/internal/messageTail.js"
import type { Message } from "../src/Message.js"
import type { TailOptions } from "../src/Pool.js"
import { PoolError } from "../src/PoolError.js"

const stored = (seq: number, payload = encodeValue({ seq }, [`t${seq}`])): StoredMessage => ({
  seq,
  timestampLow: seq,
  timestampHigh: 0,
  payload
})

const undecodable = (seq: number): StoredMessage => stored(seq, new Uint8Array(200).fill(7))

const batch = (messages: ReadonlyArray<StoredMessage>, rest: Partial<TailBatch> = {}): TailBatch => ({
  gap: undefined,
  messages,
  damage: undefined,
  ...rest
})

const damaged = (seq: number): PoolError => new PoolError({ reason: "Corrupt", message: "its checksum is wrong", seq })

/** An engine that brings these batches, in these chunks. */
const engine = (chunks: ReadonlyArray<ReadonlyArray<TailBatch>>): EncodedPool => ({
  name: "p",
  path: "/p.plasmite",
  append: () => Effect.dieMessage("not asked for"),
  appendKeyed: () => Effect.dieMessage("not asked for"),
  get: () => Effect.dieMessage("not asked for"),
  getWith: () => Effect.dieMessage("not asked for"),
  tail: () => Stream.fromIterable(chunks).pipe(Stream.flatMap((each) => Stream.fromChunk(Chunk.fromIterable(each)))),
  info: Effect.dieMessage("not asked for"),
  cursors: {
    open: () => Effect.dieMessage("not asked for"),
    get: () => Effect.dieMessage("not asked for"),
    list: Effect.dieMessage("not asked for"),
    remove: () => Effect.dieMessage("not asked for")
  }
})

/** The same, which gives them out of its own hands. */
const givingEngine = (chunks: ReadonlyArray<ReadonlyArray<TailBatch>>): EncodedPool => ({
  ...engine(chunks),
  tail: () => Stream.dieMessage("not asked for"),
  forEachBatch: (_, take) => Effect.forEach(chunks.flat(), (each) => take(each) ?? Effect.void, { discard: true })
})

type Chunks = ReadonlyArray<ReadonlyArray<TailBatch>>
type Read = (chunks: Chunks, told: TailOptions, handle: (message: Message) => void) => Effect.Effect<void, PoolError>

const ways: Record<string, Read> = {
  "a decoded tail": (chunks, told, handle) =>
    Stream.runForEach(messageTail(engine(chunks), told), (message) => Effect.sync(() => handle(message))),
  "forEach over a stream": (chunks, told, handle) =>
    messageForEach(engine(chunks), (message) => void handle(message), told),
  "forEach over an engine that has it": (chunks, told, handle) =>
    messageForEach(givingEngine(chunks), (message) => void handle(message), told)
}

/** Everything that came, in order, and how it ended. */
const read = (
  way: Read,
  chunks: Chunks,
  options: Pick<TailOptions, "onGap" | "onDamage"> = {}
): Effect.Effect<ReadonlyArray<string>> => {
  const came: Array<string> = []
  const note = (text: string) => Effect.sync(() => void came.push(text))
  const told: TailOptions = {
    onGap: ({ expected, found }) => note(`gap ${expected}-${found - 1}`),
    onDamage: ({ seq }) => note(`damage ${seq}`),
    ...options
  }
  return way(chunks, told, ({ data, seq, tags }) => {
    assert.deepStrictEqual([data, tags], [{ seq }, [`t${seq}`]])
    came.push(String(seq))
  }).pipe(
    Effect.catchAll((error) => note(`${error.reason} ${error.seq}`)),
    Effect.as(came)
  )
}

const troubled: ReadonlyArray<ReadonlyArray<TailBatch>> = [
  [
    batch([stored(3), undecodable(4), undecodable(5), stored(6), undecodable(7)], {
      gap: { expected: 1, found: 3 },
      damage: damaged(8)
    })
  ],
  [batch([stored(9)]), batch([], { damage: damaged(10) }), batch([], { gap: { expected: 11, found: 20 } })],
  [batch([stored(20), stored(21)], { gap: { expected: 12, found: 20 } })]
]

describe.each(Object.entries(ways))("%s", (_, way) => {
  it.effect("tells of gaps and damage where they are", () =>
    Effect.gen(function* () {
      const came = yield* read(way, troubled)
      const first = "gap 1-2, 3, damage 4, damage 5, 6, damage 7, damage 8, 9, damage 10, gap 11-19"
      assert.strictEqual(came.join(", "), `${first}, gap 12-19, 20, 21`)
    })
  )

  it.effect("passes over both if told so", () =>
    Effect.gen(function* () {
      const came = yield* read(way, troubled, { onGap: "continue", onDamage: "skip" })
      assert.deepStrictEqual(came, ["3", "6", "9", "20", "21"])
    })
  )

  it.effect("delivers what came before the damage or the gap at which it ends", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* read(way, troubled, { onDamage: "fail" }), ["gap 1-2", "3", "Corrupt 4"])
      assert.deepStrictEqual(yield* read(way, troubled, { onGap: "fail" }), ["RetentionGap 1"])
      const later = yield* read(way, troubled.slice(1), { onGap: "fail" })
      assert.deepStrictEqual(later, ["9", "damage 10", "RetentionGap 11"])
    })
  )
})

describe("a decoded tail", () => {
  it.effect("comes in the chunks in which it was read", () =>
    Effect.gen(function* () {
      const chunks = [[batch([stored(1), stored(2), stored(3)])], [batch([stored(4), stored(5)])]]
      const sizes = yield* Stream.runCollect(Stream.chunks(messageTail(engine(chunks), {})))
      assert.deepStrictEqual(Chunk.toReadonlyArray(sizes).map(Chunk.size), [3, 2])
    })
  )
})
