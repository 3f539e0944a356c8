// `peek` and `follow`: print messages as they come, perhaps some of the past first. What the ring overwrote before it
// was read, and what is damaged, is said on standard error; nothing is passed over in silence.
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { StoredMessage, TailBatch, TailSelection } from "../../src/EncodedPool.js"
import { CursorConsumer } from "../../src/internal/consumer.js"
import { forEachPulled, toPull } from "../../src/internal/directPull.js"
import { TextBytes } from "../../src/internal/lite3/TextBytes.js"
import { aheadMessage } from "../../src/internal/messageTail.js"
import { paced } from "../../src/internal/paced.js"
import { MessageFilter } from "../../src/MessageFilter.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import type { PeekArguments } from "../arguments.js"
import { type CommandEnd, CommandExit } from "../CommandEnd.js"
import { DropNotices } from "../DropNotices.js"
import { timedOut } from "../exitCode.js"
import { localAccess, withPools } from "../localPools.js"
import type { PoolAccess } from "../PoolAccess.js"
import { parsePoolTarget } from "../poolTarget.js"
import { type Presentation, presentation, prettyValue, reportNotice } from "../presentation.js"
import { writeMessage } from "../printMessages.js"
import { type OutputClosed, ProcessIo } from "../ProcessIo.js"
import { usageError } from "../usageError.js"
import { parseDuration, parseSince, parseSpeed } from "../valueGrammar.js"
import { keepYoungGenerationSmall } from "../youngGeneration.js"

export const peek = (args: PeekArguments): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.flatMap(localAccess, (access) => peekThrough(args, access)).pipe(
    withPools(args, { notify: args.noNotify ? "poll" : "watch" })
  )

export const peekThrough = (
  args: PeekArguments,
  access: PoolAccess
): Effect.Effect<void, CommandEnd | OutputClosed, MessageFilter | ProcessIo> =>
  Effect.gen(function* () {
    const words = args.call.words
    const look = yield* presentation(args.color)
    const now = yield* Clock.currentTimeMillis
    const since =
      args.since === undefined ? undefined : yield* parseSince(args.since, now, { name: "--since", command: words })
    const timeoutMillis =
      args.timeout === undefined ? undefined : yield* parseDuration(args.timeout, { name: "--timeout", command: words })
    yield* (yield* MessageFilter).compile(args.where)
    const prepared = yield* access(args, yield* parsePoolTarget(args.pool))
    const speed = yield* replaySpeed(args, since)
    const pool = yield* prepared.open({ canCreate: true, repeatable: true }, { create: args.create })
    if (since !== undefined && since > BigInt(now) * 1_000_000n) return

    const printer = new Printer(args, look, pool)
    const place = args.cursor === undefined ? undefined : yield* openPlace(printer, args.cursor)
    const selection = { ...selectionOf(args, since), ...(place && { from: { seq: place.seq } }) }
    const { readerGone } = yield* ProcessIo
    yield* speed === undefined
      ? Effect.raceFirst(follow(printer, selection, timeoutMillis, place?.consumer), readerGone)
      : replay(printer, selection, speed)
  }).pipe(Effect.scoped)

/** A cursor, and the message that is printed next. */
const openPlace = (printer: Printer, name: string) =>
  Effect.gen(function* () {
    const { args, look, pool } = printer
    const consumer = yield* CursorConsumer.open(pool.encoded, name, {})
    const seq = yield* consumer.next((gap) =>
      reportNotice(look, {
        kind: "cursor",
        command: args.spelling,
        pool: args.pool,
        message: `cursor ${name}: ${aheadMessage(pool.encoded, gap)}; going on with its oldest message`,
        details: { cursor: name, seq: gap.expected - 1, oldest: gap.found, pool_path: pool.path }
      })
    )
    return { consumer, seq }
  })

const replaySpeed = (args: PeekArguments, since: bigint | undefined): Either.Either<number | undefined, PoolError> => {
  if (args.replay === undefined) return Either.right(undefined)
  const words = args.call.words
  return Either.flatMap(parseSpeed(args.replay, { name: "--replay", command: words }), (speed) =>
    since === undefined && (args.tail === undefined || args.tail === 0)
      ? Either.left(
          usageError(
            words,
            "--replay needs a selection of the past",
            "Add --tail N with N of at least 1, or --since TIME"
          )
        )
      : Either.right(speed)
  )
}

const selectionOf = (args: PeekArguments, since: bigint | undefined): TailSelection => ({
  tags: args.tags,
  where: args.where,
  from: since !== undefined ? { time: since } : args.tail !== undefined && args.tail > 0 ? { last: args.tail } : "now"
})

/** About what a pipe takes at once. */
const bytesPerWrite = 64 * 1024
const lineFeed = 0x0a

interface Printed {
  readonly printed: number
  readonly done: boolean
  /** The last message that was dealt with. */
  readonly last: StoredMessage | undefined
}

/** Turns messages into output, and what is wrong with them into notices. */
class Printer {
  private readonly pretty: boolean
  /** What is to be written, empty between two calls. */
  private readonly text = new TextBytes()
  /** `--one` means this match: the newest of the last N once there are N. */
  private readonly wanted: number
  private matches = 0

  constructor(
    readonly args: PeekArguments,
    readonly look: Presentation,
    readonly pool: Pool
  ) {
    this.pretty = (args.format ?? (look.stdoutIsTerminal || look.forced ? "pretty" : "jsonl")) === "pretty"
    this.wanted = args.tail === undefined || args.replay !== undefined ? 1 : Math.max(1, args.tail)
  }

  /** Prints what is due of these, in few writes. The answer says how many that were, and whether that was all. */
  print(messages: ReadonlyArray<StoredMessage>): Effect.Effect<Printed, OutputClosed | PoolError, ProcessIo> {
    // Not a closure: the engine keeps those that make generators, and with them what they close over, until its slow pass.
    return Effect.gen(() => this.printing(messages))
  }

  private *printing(messages: ReadonlyArray<StoredMessage>) {
    const { text } = this
    let printed = 0
    let done = false
    let last: StoredMessage | undefined
    for (const message of messages) {
      last = message
      const before = text.length
      const damage = writeMessage(message, this.args.dataOnly, this.pool.path, text)
      if (damage !== undefined) {
        yield* this.reportDamage(damage)
        continue
      }
      this.matches++
      if (this.args.one && this.matches < this.wanted) {
        text.length = before
        continue
      }
      this.endLine(before)
      printed++
      done = this.args.one
      if (done) break
      if (text.length >= bytesPerWrite) {
        keepYoungGenerationSmall()
        yield* this.flush
      }
    }
    yield* this.flush
    return { printed, done, last }
  }

  /** The message whose compact text begins at `start` is a line, or several, as wanted. */
  private endLine(start: number): void {
    const { text } = this
    if (!this.pretty) return text.byte(lineFeed)
    const compact = text.textFrom(start)
    text.length = start
    text.text(prettyValue(this.look, compact))
  }

  private readonly flush = Effect.suspend((): Effect.Effect<void, OutputClosed | PoolError, ProcessIo> => {
    const { text } = this
    if (text.length === 0) return Effect.void
    return Effect.flatMap(ProcessIo, ({ write }) =>
      Effect.map(write(text.bytes.subarray(0, text.length)), () => text.clear())
    )
  })

  reportDamage(error: PoolError): Effect.Effect<void, never, ProcessIo> {
    return reportNotice(this.look, {
      kind: "damage",
      command: this.args.spelling,
      pool: this.args.pool,
      message: error.message,
      details: { seq: error.seq ?? null, pool_path: this.pool.path }
    })
  }
}

/** The selection as it stands, at its own pace, then the end. */
const replay = (
  printer: Printer,
  selection: TailSelection,
  speed: number
): Effect.Effect<void, OutputClosed | PoolError, ProcessIo> => {
  const batches = printer.pool.encoded.tail({ ...selection, follow: false }, "lent")
  // Without pauses there is nothing to do for single messages: batch after batch, each gone before the next is read.
  if (speed === 0) {
    return forEachPulled(batches, ({ damage, messages }) =>
      Effect.flatMap(printer.print(messages), ({ done }) =>
        done || damage === undefined ? Effect.succeed(!done) : Effect.as(printer.reportDamage(damage), true)
      )
    )
  }
  const messages = batches.pipe(
    Stream.tap(({ damage }) => (damage === undefined ? Effect.void : printer.reportDamage(damage))),
    Stream.mapConcat((batch) => batch.messages)
  )
  return Stream.runForEachWhile(Stream.chunks(paced(messages, speed)), (chunk) =>
    Effect.map(printer.print(Chunk.toReadonlyArray(chunk)), ({ done }) => !done)
  )
}

const follow = (
  printer: Printer,
  selection: TailSelection,
  timeoutMillis: number | undefined,
  consumer: CursorConsumer | undefined
): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo | Scope.Scope> =>
  Effect.gen(function* () {
    const { args, look, pool } = printer
    const pull = yield* toPull(pool.encoded.tail(selection, "lent"))
    const drops = yield* DropNotices.make(look, { command: args.spelling, pool: args.pool, poolPath: pool.path })
    let silentSince = yield* Clock.currentTimeMillis
    for (;;) {
      const batches = yield* within(pull, timeoutMillis, silentSince)
      if (batches === "ended") return
      if (batches === "silent") return yield* silence(printer)
      for (const { damage, gap, messages } of batches) {
        if (gap !== undefined && !args.quietDrops) yield* drops.add(gap)
        const { done, last, printed } = yield* printer.print(messages)
        // Only now has it left the process.
        if (consumer !== undefined && last !== undefined) yield* consumer.commit(last)
        if (printed > 0) silentSince = yield* Clock.currentTimeMillis
        if (done) return
        if (damage !== undefined) yield* printer.reportDamage(damage)
      }
    }
  })

type Pull = Effect.Effect<Chunk.Chunk<TailBatch>, Option.Option<PoolError>>

/** The next batches, unless the time without output runs out first. */
const within = (
  pull: Pull,
  timeoutMillis: number | undefined,
  silentSince: number
): Effect.Effect<ReadonlyArray<TailBatch> | "silent" | "ended", PoolError> => {
  const next = Effect.matchEffect(pull, {
    onFailure: Option.match({
      onNone: () => Effect.succeed("ended" as const),
      onSome: (error: PoolError) => Effect.fail(error)
    }),
    onSuccess: (chunk) => Effect.succeed(Chunk.toReadonlyArray(chunk))
  })
  if (timeoutMillis === undefined) return next
  return Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.timeoutTo(next, {
      duration: Math.max(0, silentSince + timeoutMillis - now),
      onSuccess: (batches) => batches,
      onTimeout: () => "silent" as const
    })
  )
}

const silence = ({ args, look }: Printer): Effect.Effect<never, CommandExit, ProcessIo> =>
  Effect.gen(function* () {
    if (look.stderrIsTerminal) {
      yield* (yield* ProcessIo).writeError(`no message from ${args.pool} within ${args.timeout}\n`)
    }
    return yield* new CommandExit({ code: timedOut })
  })
