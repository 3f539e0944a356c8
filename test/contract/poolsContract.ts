/**
 * What every `Pools` has to do, whatever it stands on. The suite gets the layers it is made of as well, so that it can
 * hold a lock or damage a file behind the back of the code under test. Every pool touched is verified at the end.
 */
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Gap } from "../../src/EncodedPool.js"
import type { Pool, TailOptions } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import type { PoolInfo } from "../../src/PoolInfo.js"
import { PoolLock } from "../../src/PoolLock.js"
import { Pools } from "../../src/Pools.js"
import { PoolStorage } from "../../src/PoolStorage.js"
import { damageSecondOfThree, type Everything, failure, verifiedTest } from "./everyPools.js"

const seqs = (messages: Iterable<{ readonly seq: number }>): Array<number> => Array.from(messages, ({ seq }) => seq)

const collect = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

const fill = (pool: Pool, count: number, from = 1) =>
  pool.appendAll(Array.from({ length: count }, (_, index) => ({ data: { n: from + index } })))

export interface ContractOptions {
  /**
   * Behind a connection a pool is found by its name each time it is used, so one that replaced it is taken for it; and
   * an append that was interrupted may have arrived.
   */
  readonly remote?: boolean
}

export const poolsContract = (
  name: string,
  makeLayer: () => Layer.Layer<Everything>,
  options: ContractOptions = {}
): void => {
  const test = verifiedTest(makeLayer)

  describe(`Pools: ${name}`, () => {
    test(
      "a new pool is empty, listed, and refuses to be created again",
      Effect.gen(function* () {
        const pools = yield* Pools
        assert.deepStrictEqual(yield* pools.list, [])
        const info = yield* pools.create("chat", { sizeBytes: 65536 })
        assert.strictEqual(info.fileSize, 65536)
        assert.deepStrictEqual(info.bounds, {})
        assert.strictEqual(info.metrics.messageCount, 0)
        assert.strictEqual((yield* failure(pools.create("chat"))).reason, "AlreadyExists")
        const [listing] = yield* pools.list
        assert.strictEqual(listing?._tag, "Readable")
        assert.strictEqual(listing?.name, "chat")
      })
    )

    test(
      "a size that no machine has is refused, and nothing is left of it",
      Effect.gen(function* () {
        const pools = yield* Pools
        const { hint, reason } = yield* failure(pools.create("huge", { sizeBytes: 2 ** 52 }))
        assert.strictEqual(reason, options.remote === true ? "Usage" : "Io")
        assert.isDefined(hint)
        assert.deepStrictEqual(yield* pools.list, [])
      })
    )

    test(
      "what the types exclude and a program says all the same is `Usage`, names what is wrong, and stores nothing",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("chat", { create: true })
        /** As a program without types would hand it over. */
        const untyped = <A>(value: unknown): A => value as A
        const tail = (options: unknown) =>
          Stream.runDrain(pool.tail({ follow: false, ...untyped<TailOptions>(options) }))
        const mistakes: ReadonlyArray<readonly [Effect.Effect<unknown, PoolError, Scope.Scope>, RegExp]> = [
          [pools.open(untyped(undefined)), /a pool cannot be called undefined/],
          [pools.open(untyped({ name: "chat" })), /a pool cannot be called/],
          [pool.append({ n: 1 }, { tags: untyped("image") }), /tags of a message must be an array/],
          [pool.append({ n: 1 }, { tags: untyped([1]) }), /every tag must be a string/],
          [pool.append({ n: 1 }, { tags: ["image", untyped(undefined)] }), /every tag must be a string/],
          [pool.append({ n: 1 }, { durability: untyped("flsh") }), /durability "flsh" is not known/],
          [pool.append({ n: 1 }, { durability: untyped("flsh"), key: "one" }), /durability "flsh" is not known/],
          [tail({ from: "start" }), /cannot start at "start"/],
          [tail({ from: 7 }), /cannot start at 7/],
          [tail({ from: { seq: "7" } }), /cannot start at seq "7"/],
          [tail({ from: { last: Number.NaN } }), /cannot start at last NaN/],
          [tail({ from: {} }), /cannot start at last undefined/],
          [tail({ from: { time: "yesterday" } }), /cannot start at the time "yesterday"/],
          [tail({ from: { time: new Date("yesterday") } }), /an invalid Date/],
          [tail({ tags: "image" }), /tags of a tail must be an array of strings/],
          [tail({ where: ".data.n == 1" }), /where of a tail must be an array of strings/],
          [tail({ from: "start", cursor: "billing" }), /cannot start at "start"/]
        ]
        for (const [mistake, message] of mistakes) {
          const error = yield* failure(Effect.scoped(mistake))
          assert.strictEqual(error.reason, "Usage", String(message))
          assert.match(error.message, message)
          assert.isDefined(error.hint, String(message))
        }
        assert.strictEqual((yield* pool.info).metrics.messageCount, 0)
      })
    )

    // Behind a connection nothing was opened, and nothing is closed.
    if (options.remote !== true) {
      test(
        "a pool that is used after its scope has ended fails with `Usage` and says so, also who was waiting",
        Effect.gen(function* () {
          const pools = yield* Pools
          const { pool, waiting } = yield* Effect.scoped(
            Effect.gen(function* () {
              const pool = yield* pools.open("chat", { create: true })
              yield* pool.append({ n: 1 }, { key: "one" })
              const seen = yield* Deferred.make<void>()
              const tail = Stream.tap(pool.tail({ from: "oldest" }), () => Deferred.succeed(seen, undefined))
              const waiting = yield* Effect.forkDaemon(failure(Stream.runDrain(tail)))
              yield* Deferred.await(seen)
              return { pool, waiting }
            })
          )
          const uses: Record<string, Effect.Effect<unknown, PoolError>> = {
            append: pool.append({ n: 2 }),
            flush: pool.append({ n: 2 }, { durability: "flush" }),
            key: pool.append({ n: 2 }, { key: "two" }),
            repeat: pool.append({ n: 2 }, { key: "one" }),
            get: pool.get(1),
            tail: Stream.runDrain(pool.tail()),
            last: Stream.runDrain(pool.tail({ from: { last: 1 }, tags: ["a"], follow: false })),
            replay: Stream.runDrain(pool.replay()),
            info: pool.info
          }
          for (const [use, effect] of Object.entries(uses)) {
            const error = yield* failure(effect)
            assert.strictEqual(error.reason, "Usage", use)
            assert.include(error.message, "pool chat is closed", use)
          }
          assert.include((yield* Fiber.join(waiting)).message, "pool chat is closed")
          // Nothing of it was stored, and whoever opens the pool again goes on.
          assert.strictEqual((yield* (yield* pools.open("chat")).append({ n: 2 })).seq, 2)
        })
      )
    }

    test(
      "a listing tells of each pool what `info` tells",
      Effect.gen(function* () {
        const pools = yield* Pools
        for (const name of ["a", "b"]) yield* pools.create(name, { sizeBytes: 65536 })
        const pool = yield* pools.open("b")
        for (const n of [1, 2, 3]) yield* pool.append({ n })
        const still = ({ metrics, ...info }: PoolInfo) => ({
          ...info,
          metrics: { ...metrics, oldestAgeMillis: 0, newestAgeMillis: 0 }
        })
        for (const listing of yield* pools.list) {
          if (listing._tag === "Unreadable") throw listing.error
          assert.deepStrictEqual(still(listing.info), still(yield* pools.info(listing.name)))
        }
        const [, listed] = yield* pools.list
        assert.deepStrictEqual(listed?._tag === "Readable" ? listed.info.bounds : undefined, { oldest: 1, newest: 3 })
      })
    )

    test(
      "names: `chat` and `chat.plasmite` are one pool; separators, URLs and nothing are refused",
      Effect.gen(function* () {
        const pools = yield* Pools
        yield* pools.create("chat.plasmite")
        const pool = yield* pools.open("chat")
        yield* pool.append({ n: 1 })
        for (const ref of ["../chat", "a/b", "http://host/chat", "", "nul\0"]) {
          assert.strictEqual((yield* failure(pools.open(ref))).reason, "Usage", JSON.stringify(ref))
        }
        assert.strictEqual((yield* failure(pools.open("missing"))).reason, "NotFound")
        assert.strictEqual((yield* failure(pools.info("missing"))).reason, "NotFound")
        assert.strictEqual((yield* failure(pools.remove("missing"))).reason, "NotFound")
        assert.strictEqual((yield* failure(pools.verify("missing"))).reason, "NotFound")
      })
    )

    test(
      "sizes that make no pool are refused and leave nothing behind",
      Effect.gen(function* () {
        const pools = yield* Pools
        assert.strictEqual((yield* failure(pools.create("tiny", { sizeBytes: 4096 }))).reason, "Usage")
        assert.strictEqual(
          (yield* failure(pools.create("slots", { sizeBytes: 8192, indexCapacity: 5000 }))).reason,
          "Usage"
        )
        assert.deepStrictEqual(yield* pools.list, [])
      })
    )

    test(
      "what is appended comes back: data, tags, number, time",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("chat", { create: true })
        const data = { from: "alice", nested: { list: [1, 2.5, null, true, "ü☃𝄞"] }, big: 2 ** 60, __proto__x: 1 }
        const before = Date.now()
        const receipt = yield* pool.append(data, { tags: ["b", "a", "b"] })
        assert.strictEqual(receipt.seq, 1)
        const message = yield* pool.get(1)
        assert.deepStrictEqual(message.data, data)
        assert.deepStrictEqual(message.tags, ["b", "a", "b"])
        assert.strictEqual(message.time, receipt.time)
        const writtenMillis = Number(message.timestampNanoseconds / 1_000_000n)
        assert.isTrue(writtenMillis >= before - 1 && writtenMillis <= Date.now() + 1, message.time)
        assert.strictEqual((yield* failure(pool.get(0))).reason, "NotFound")
        assert.strictEqual((yield* failure(pool.get(2))).reason, "NotFound")
        assert.strictEqual((yield* failure(pool.get(2))).seq, 2)
      })
    )

    test(
      "integers beyond 2^53 are exact on request",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("chat", { create: true })
        yield* pool.append({ id: 9007199254740993n, small: 7 })
        assert.deepStrictEqual((yield* pool.get(1, { integers: "bigint" })).data, { id: 9007199254740993n, small: 7 })
        assert.deepStrictEqual((yield* pool.get(1)).data, { id: 9007199254740992, small: 7 })
      })
    )

    test(
      "what cannot be stored is a Usage error and stores nothing",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("small", { create: { sizeBytes: 16384 } })
        let deep: { [key: string]: unknown } = {}
        for (let level = 0; level < 40; level++) deep = { deep }
        const refused = [
          [1, 2],
          deep,
          { nan: Number.NaN },
          { "nul\0key": 1 },
          { lone: "\ud800" },
          { huge: "x".repeat(20_000) }
        ] as ReadonlyArray<unknown> as ReadonlyArray<Parameters<Pool["append"]>[0]>
        for (const data of refused) {
          assert.strictEqual((yield* failure(pool.append(data))).reason, "Usage", JSON.stringify(data)?.slice(0, 40))
        }
        const batch = yield* failure(pool.appendAll([{ data: { fine: 1 } }, { data: refused[2]! }]))
        assert.match(batch.message, /message 2/)
        assert.deepStrictEqual((yield* pool.info).bounds, {})
      })
    )

    test(
      "appendAll: consecutive numbers, also for more than the ring holds, and for nothing",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("ring", { create: { sizeBytes: 16384 } })
        assert.deepStrictEqual(yield* pool.appendAll([]), [])
        const receipts = yield* fill(pool, 300)
        assert.deepStrictEqual(
          seqs(receipts),
          Array.from({ length: 300 }, (_, index) => index + 1)
        )
        const { bounds } = yield* pool.info
        assert.strictEqual(bounds.newest, 300)
        assert.isAbove(bounds.oldest!, 1)
        assert.deepStrictEqual((yield* pool.get(300)).data, { n: 300 })
        assert.strictEqual((yield* failure(pool.get(1))).reason, "NotFound")
      })
    )

    test(
      "tail starts where it is told",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("starts", { create: true })
        yield* fill(pool, 5)
        const third = yield* pool.get(3)
        const from = (start: Parameters<Pool["tail"]>[0]) =>
          Effect.map(collect(pool.tail({ ...start, follow: false })), seqs)
        assert.deepStrictEqual(yield* from({}), [])
        assert.deepStrictEqual(yield* from({ from: "oldest" }), [1, 2, 3, 4, 5])
        assert.deepStrictEqual(yield* from({ from: { seq: 4 } }), [4, 5])
        assert.deepStrictEqual(yield* from({ from: { seq: 0 } }), [1, 2, 3, 4, 5])
        assert.deepStrictEqual(yield* from({ from: { seq: 9 } }), [])
        assert.deepStrictEqual(yield* from({ from: { last: 2 } }), [4, 5])
        assert.deepStrictEqual(yield* from({ from: { last: 0 } }), [])
        assert.deepStrictEqual(yield* from({ from: { last: 99 } }), [1, 2, 3, 4, 5])
        assert.deepStrictEqual(yield* from({ from: { time: third.timestampNanoseconds } }), [1, 2, 3, 4, 5])
        yield* Effect.sleep(5)
        yield* fill(pool, 2, 6)
        const sixth = yield* pool.get(6)
        assert.deepStrictEqual(yield* from({ from: { time: sixth.timestampNanoseconds } }), [6, 7])
        assert.deepStrictEqual(yield* from({ from: { time: new Date(Date.now() + 60_000) } }), [])
      })
    )

    test(
      "tail filters by tags and jq; the last n count matches",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("filters", { create: true })
        yield* pool.appendAll(
          Array.from({ length: 20 }, (_, index) => ({
            data: { n: index + 1 },
            tags: index % 2 === 0 ? ["odd", "all"] : ["all"]
          }))
        )
        const wanted = (options: Parameters<Pool["tail"]>[0]) =>
          Effect.map(collect(pool.tail({ from: "oldest", follow: false, ...options })), seqs)
        assert.deepStrictEqual(yield* wanted({ tags: ["odd"] }), [1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
        assert.deepStrictEqual(yield* wanted({ tags: ["odd", "ODD"] }), [])
        assert.deepStrictEqual(yield* wanted({ where: [".data.n > 17"] }), [18, 19, 20])
        assert.deepStrictEqual(yield* wanted({ where: [".data.n > 5", ".data.n < 10"], tags: ["odd"] }), [7, 9])
        assert.deepStrictEqual(yield* wanted({ from: { last: 3 }, tags: ["odd"] }), [15, 17, 19])
        assert.deepStrictEqual(yield* wanted({ from: { last: 2 }, where: [".data.n <= 4"] }), [3, 4])
        assert.deepStrictEqual(yield* wanted({ from: { last: 2 }, where: [".data.n > 99"] }), [])
        const wrong = yield* failure(collect(pool.tail({ from: "oldest", where: ["not valid jq"] })))
        assert.strictEqual(wrong.reason, "Usage")
        const notBoolean = yield* failure(collect(pool.tail({ from: "oldest", follow: false, where: [".data.n"] })))
        assert.strictEqual(notBoolean.reason, "Usage")
      })
    )

    test(
      "a tail sees what is appended later, from this handle and from another, in order",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("live", { create: true })
        const other = yield* pools.open("live")
        yield* fill(pool, 3)
        const started = yield* Deferred.make<void>()
        const reader = yield* pool.tail({ from: { last: 1 } }).pipe(
          Stream.tap(() => Deferred.succeed(started, undefined)),
          Stream.take(6),
          collect,
          Effect.fork
        )
        yield* Deferred.await(started)
        for (let n = 4; n <= 8; n++) {
          yield* (n % 2 === 0 ? pool : other).append({ n })
          if (n === 6) yield* Effect.sleep(120)
        }
        assert.deepStrictEqual(seqs(yield* Fiber.join(reader)), [3, 4, 5, 6, 7, 8])
      })
    )

    test(
      "a tail that was overtaken reports exactly what it missed",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("gaps", { create: { sizeBytes: 16384 } })
        yield* fill(pool, 10)
        const gaps = yield* Ref.make<ReadonlyArray<Gap>>([])
        const received: Array<number> = []
        yield* pool.tail({ from: { seq: 1 }, onGap: (gap) => Ref.update(gaps, (known) => [...known, gap]) }).pipe(
          Stream.rechunk(1),
          Stream.tap(({ seq }) => (received.length === 3 && seq === 4 ? fill(pool, 500, 11) : Effect.void)),
          Stream.takeUntil(({ seq }) => seq === 510),
          Stream.runForEach(({ seq }) => Effect.sync(() => received.push(seq)))
        )
        let expected = 1
        const holes: Array<Gap> = []
        for (const seq of received) {
          if (seq !== expected) holes.push({ expected, found: seq })
          expected = seq + 1
        }
        assert.deepStrictEqual(yield* Ref.get(gaps), holes)
        assert.strictEqual(holes.length, 1)
        const { bounds } = yield* pool.info
        assert.strictEqual(holes[0]?.found, bounds.oldest)
        const failed = yield* failure(collect(pool.tail({ from: { seq: 1 }, onGap: "fail", follow: false })))
        assert.strictEqual(failed.reason, "RetentionGap")
        assert.strictEqual(failed.seq, 1)
      })
    )

    test(
      "replay plays what is there, faster or without pauses, then ends",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("tape", { create: true })
        yield* pool.append({ n: 1 })
        yield* Effect.sleep(300)
        yield* pool.append({ n: 2 })
        const timed = (speed: number) => Effect.timed(collect(pool.replay({ speed })))
        const [fast, all] = yield* timed(0)
        assert.deepStrictEqual(seqs(all), [1, 2])
        const [original] = yield* timed(1)
        assert.isAtLeast(Duration.toMillis(original), 280)
        assert.isBelow(Duration.toMillis(fast), 250)
        assert.strictEqual((yield* failure(collect(pool.replay({ speed: -1 })))).reason, "Usage")
      })
    )

    test(
      "a pool removed while it is followed ends the tail, and refuses appends",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("gone", { create: true })
        yield* fill(pool, 2)
        const reader = yield* Effect.fork(Effect.exit(collect(pool.tail({ from: "oldest" }))))
        yield* Effect.sleep(50)
        yield* pools.remove("gone")
        const exit = yield* Fiber.join(reader)
        assert.isTrue(Exit.isFailure(exit))
        yield* Effect.sleep(10)
        assert.strictEqual((yield* failure(pool.append({ n: 3 }))).reason, "NotFound")
        assert.strictEqual((yield* failure(pools.open("gone"))).reason, "NotFound")
        yield* pools.create("gone")
        if (options.remote !== true) assert.strictEqual((yield* failure(pool.append({ n: 3 }))).reason, "NotFound")
        assert.strictEqual((yield* (yield* pools.open("gone")).append({ n: 1 })).seq, 1)
      })
    )

    test(
      "appends wait for a lock held elsewhere, and give up with Busy",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("held", { create: true })
        const scope = yield* Scope.make()
        const lock = yield* Scope.extend((yield* PoolLock).open(pool.path), scope)
        assert.isTrue(lock.tryAcquire("exclusive"))
        const waiting = yield* Effect.fork(pool.append({ n: 1 }))
        yield* Effect.sleep(60)
        lock.release()
        assert.strictEqual((yield* Fiber.join(waiting)).seq, 1)
        assert.isTrue(lock.tryAcquire("shared"))
        const busy = yield* failure(pool.append({ n: 2 }))
        assert.strictEqual(busy.reason, "Busy")
        assert.strictEqual((yield* pool.get(1)).seq, 1)
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual((yield* pool.append({ n: 2 })).seq, 2)
      })
    )

    test(
      "interrupting a waiting append or tail leaves the lock free",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("interrupted", { create: true })
        const other = yield* Effect.scoped(
          Effect.gen(function* () {
            const lock = yield* (yield* PoolLock).open(pool.path)
            lock.tryAcquire("exclusive")
            const waiting = yield* Effect.fork(pool.append({ n: 1 }))
            yield* Effect.sleep(30)
            yield* Fiber.interrupt(waiting)
            return lock
          })
        )
        assert.isDefined(other)
        const tail = yield* Effect.fork(Stream.runDrain(pool.tail()))
        yield* Effect.sleep(30)
        yield* Fiber.interrupt(tail)
        const { seq } = yield* pool.append({ n: 1 })
        assert.include(options.remote === true ? [1, 2] : [1], seq)
      })
    )

    test(
      "many openers that create at once end with one pool",
      Effect.gen(function* () {
        const pools = yield* Pools
        const opened = yield* Effect.all(
          Array.from({ length: 8 }, (_, index) =>
            Effect.flatMap(pools.open("race", { create: true }), (pool) => pool.append({ index }))
          ),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(
          seqs(opened).sort((a, b) => a - b),
          [1, 2, 3, 4, 5, 6, 7, 8]
        )
      })
    )

    test(
      "damage: verify names it, list shows it, the other messages are read",
      Effect.gen(function* () {
        const pools = yield* Pools
        const pool = yield* pools.open("damaged", { create: true })
        yield* fill(pool, 3)
        yield* damageSecondOfThree(pool)
        const report = yield* pools.verify("damaged")
        assert.strictEqual(report.status, "corrupt")
        assert.isAbove(report.issues.length, 0)
        const failed = yield* failure(pool.get(2))
        assert.strictEqual(failed.reason, "Corrupt")
        assert.strictEqual(failed.seq, 2)
        assert.strictEqual((yield* failure(collect(pool.tail({ from: "oldest", follow: false })))).reason, "Corrupt")
        const seen: Array<number | undefined> = []
        const rest = yield* collect(
          pool.tail({
            from: "oldest",
            follow: false,
            onDamage: (error) => Effect.sync(() => void seen.push(error.seq))
          })
        )
        assert.deepStrictEqual([seqs(rest), seen], [[1, 3], [2]])
        const file = yield* (yield* PoolStorage).open(pool.path)
        file.write(0, new TextEncoder().encode("XXXX"), 0, 4)
        assert.strictEqual((yield* pools.verify("damaged")).status, "corrupt")
        assert.strictEqual((yield* failure(pools.open("damaged"))).reason, "Corrupt")
        assert.strictEqual((yield* pools.list)[0]?._tag, "Unreadable")
      })
    )

    test(
      "a sink takes a stream in",
      Effect.gen(function* () {
        const pool = yield* (yield* Pools).open("sink", { create: true })
        const messages = Stream.map(Stream.range(1, 50), (n) => ({ data: { n } }))
        assert.strictEqual(yield* Stream.run(messages, pool.sink()), 50)
        assert.deepStrictEqual((yield* pool.info).bounds, { oldest: 1, newest: 50 })
      })
    )
  })
}
