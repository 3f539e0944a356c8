/**
 * The program under test: copies what is new in one pool to another, in order, losing none. Its cursor moves once a copy is
 * appended, so after a death the last one may be there twice; it names its source, by which its reader knows it.
 */
import { Effect, Stream } from "effect"
import { Pools } from "effect-plasmite"

export const forward = Effect.gen(function* () {
  const pools = yield* Pools
  const inbox = yield* pools.open("inbox", { create: { sizeBytes: 65536 } })
  const outbox = yield* pools.open("outbox", { create: { sizeBytes: 65536 } })
  yield* Stream.runForEach(inbox.tail({ cursor: "forward", follow: false }), (message) =>
    outbox.append({ source: message.seq, copy: message.data })
  )
}).pipe(Effect.scoped)
