/**
 * The program under test: copies what is new in one pool to another, in order, losing none. The copy names its source, so
 * the place to go on is stored together with the copy. One of them may be there twice after a death.
 */
import { Effect, Option, Stream } from "effect"
import { Pools } from "effect-plasmite"

export const forward = Effect.gen(function* () {
  const pools = yield* Pools
  const inbox = yield* pools.open("inbox", { create: { sizeBytes: 65536 } })
  const outbox = yield* pools.open("outbox", { create: { sizeBytes: 65536 } })
  const newest = yield* Stream.runLast(outbox.tail({ from: { last: 1 }, follow: false }))
  const seq = Option.match(newest, { onNone: () => 1, onSome: ({ data }) => Number(data["source"]) + 1 })
  yield* Stream.runForEach(inbox.tail({ from: { seq }, follow: false }), (message) =>
    outbox.append({ source: message.seq, copy: message.data })
  )
}).pipe(Effect.scoped)
