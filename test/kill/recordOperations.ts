/**
 * One process of a history: it appends and gets, follows the pool at the same time, and records the times of each call
 * and answer on the clock that all processes of a machine share.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { HistoryFile } from "./historyFile.js"
import { originOf, payloadOf } from "./messages.js"
import type { RecordTask } from "./processes.js"
import { Chance } from "./random.js"

const now = (): number => Number(process.hrtime.bigint())

/** Lets timers and file events in, which a mere yield between fibers does not. */
const eventLoopTurn = Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))

const largestBatch = 4
const turnEvery = 16

/**
 * Says `ready`; told to begin, does its operations and says how many; told the newest number of all, follows up to
 * it and ends.
 */
export const recordOperations = (
  pool: Pool,
  { author, history, mixture, operations }: RecordTask,
  say: (line: string) => void
): Effect.Effect<void, PoolError> =>
  Effect.gen(function* () {
    const file = new HistoryFile(history)
    const chance = new Chance(mixture.seed + author)
    const input = createInterface({ input: process.stdin })
    let newestSeen = 0
    let newestTailed = 0
    let last = Number.POSITIVE_INFINITY

    const tail = Stream.runForEachWhile(pool.encoded.tail({ from: { seq: 1 } }), ({ damage, gap, messages }) =>
      Effect.suspend(() => {
        if (damage !== undefined) return Effect.fail(damage)
        const time = now()
        if (gap !== undefined) file.add("gap", time, time, gap.expected, gap.found - gap.expected)
        for (const { payload, seq } of messages) {
          const origin = originOf(mixture, payload)
          if (origin === undefined) file.add("torn", time, time, seq)
          else file.add("tailed", time, time, seq, 1, origin.author, origin.counter)
          newestTailed = seq
        }
        newestSeen = Math.max(newestSeen, newestTailed)
        return Effect.succeed(newestTailed < last)
      })
    )

    let counter = 1
    const append = Effect.suspend(() => {
      const count = chance.oneIn(8) ? 1 + chance.below(largestBatch) : 1
      const payloads = Array.from({ length: count }, (_, index) =>
        payloadOf(mixture, { author, counter: counter + index })
      )
      const invoked = now()
      return Effect.map(pool.encoded.append(payloads, "fast"), ({ firstSeq }) => {
        file.add("append", invoked, now(), firstSeq, count, author, counter)
        counter += count
        newestSeen = Math.max(newestSeen, firstSeq + count - 1)
      })
    })
    /** Asks for what is new, what is about to be overwritten, or what is not there yet. */
    const get = Effect.suspend(() => {
      const back = chance.oneIn(2) ? chance.below(8) - 2 : chance.below(400)
      const seq = Math.max(1, newestSeen - back)
      const invoked = now()
      return Effect.flatMap(Effect.either(pool.encoded.get(seq)), (found) => {
        const answered = now()
        if (Either.isLeft(found)) {
          if (found.left.reason !== "NotFound") return Effect.fail(found.left)
          file.add("missing", invoked, answered, seq)
        } else {
          const origin = originOf(mixture, found.right.payload)
          if (origin === undefined) file.add("torn", invoked, answered, seq)
          else file.add("found", invoked, answered, seq, 1, origin.author, origin.counter)
        }
        return Effect.void
      })
    })

    say("ready")
    yield* Effect.promise(() => once(input, "line"))
    const following = yield* Effect.fork(tail)
    for (let done = 0; done < operations; done++) {
      yield* chance.oneIn(2) ? append : get
      if (done % turnEvery === 0) yield* eventLoopTurn
    }
    say(String(counter - 1))
    const [line] = yield* Effect.promise(() => once(input, "line") as Promise<[string]>)
    last = Number(line)
    // The tail may have seen the last message before it knew that it was the last.
    if (newestTailed < last) yield* Fiber.join(following)
    else yield* Fiber.interrupt(following)
    file.flush()
  })
