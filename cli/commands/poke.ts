// `poke` and `feed`: append one message, or one per record of an input stream. A record is committed when it is
// complete, and acknowledged once others can read it; what was acknowledged is never taken back.
import * as Effect from "effect/Effect"
import type { KeyedPayload } from "../../src/EncodedPool.js"
import { JsonSyntaxError } from "../../src/internal/json/JsonSyntaxError.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { PayloadRefused } from "../../src/internal/lite3/PayloadRefused.js"
import { tagsWithKey } from "../../src/internal/messageKey.js"
import type { MessageFilter } from "../../src/MessageFilter.js"
import type { Pool } from "../../src/Pool.js"
import { isPoolError, PoolError } from "../../src/PoolError.js"
import type { PokeArguments } from "../arguments.js"
import { type CommandEnd, CommandExit, CommandFailure } from "../CommandEnd.js"
import { brokenPipe } from "../exitCode.js"
import type { InputFailure, InputItem, InputRecord, Parsed } from "../input/inputItem.js"
import { makeRecordReader } from "../input/recordReader.js"
import { keyFrom, type KeyOf } from "../keyFrom.js"
import { localAccess, withPools } from "../localPools.js"
import { ingestSkipNotice, ingestSummaryNotice, type NoticeOrigin } from "../output/envelopes.js"
import type { Poked } from "../pokeNow.js"
import type { PoolAccess, PreparedPool } from "../PoolAccess.js"
import { parsePoolTarget } from "../poolTarget.js"
import { type Presentation, presentation, reportNotice } from "../presentation.js"
import { type OutputClosed, ProcessIo } from "../ProcessIo.js"
import { readInput } from "../readInput.js"
import { keyedReceipt, receipts } from "../receipts.js"
import { retrying, type RetryPolicy } from "../retrying.js"
import { usageError } from "../usageError.js"
import { parseDuration, parseSize } from "../valueGrammar.js"

const defaultRetryDelayMillis = 50

export const poke = (args: PokeArguments): Effect.Effect<void, CommandEnd, ProcessIo> =>
  Effect.flatMap(localAccess, (access) => pokeThrough(args, access)).pipe(withPools(args))

export const pokeThrough = (
  args: PokeArguments,
  access: PoolAccess
): Effect.Effect<void, CommandEnd, MessageFilter | ProcessIo> =>
  Effect.gen(function* () {
    const words = args.call.words
    const look = yield* presentation(args.color)
    const io = yield* ProcessIo
    const target = yield* parsePoolTarget(args.pool)
    if (args.createSize !== undefined && !args.create) {
      return yield* usageError(words, "--create-size requires --create", "Add --create")
    }
    if (args.retryDelay !== undefined && args.retry === 0) {
      return yield* usageError(words, "--retry-delay requires --retry", "Add --retry N with N above 0")
    }
    const delayMillis =
      args.retryDelay === undefined
        ? defaultRetryDelayMillis
        : yield* parseDuration(args.retryDelay, { name: "--retry-delay", command: words })
    const sizeBytes =
      args.createSize === undefined
        ? undefined
        : yield* parseSize(args.createSize, { name: "--create-size", command: words })
    if (args.key !== undefined && args.data === undefined) {
      return yield* usageError(words, "--key requires DATA", keyAdvice)
    }
    const keyOf = args.keyFrom === undefined ? undefined : keyFrom(args.keyFrom)
    if (args.keyFrom !== undefined && keyOf === undefined) {
      return yield* usageError(words, `--key-from ${args.keyFrom} is not a path`, "Give one such as .id or .order.id")
    }
    const prepared = yield* access(args, target)
    if (args.errors === "skip" && args.inputMode === "jq" && args.data === undefined) {
      return yield* usageError(words, "--errors skip does not work with --in jq", "jq input has no point to resume at")
    }

    const pool = yield* prepared.openForAppends(
      { canCreate: true, repeatable: args.data !== undefined || (args.file !== undefined && args.file !== "-") },
      { create: args.create && (sizeBytes === undefined ? true : { sizeBytes }) }
    )
    const { key } = args
    const encode = encoderOf(args.tags, key === undefined ? keyOf : () => key)
    const retry = { extraAttempts: args.retry, delayMillis }
    const store = key === undefined && keyOf === undefined ? storeAll : storeOnce
    const call: Call = { args, look, pool, prepared, encode, store: store({ args, look, pool, retry }) }
    if (args.data !== undefined) {
      const message = encode(args.data)
      if (message instanceof PayloadRefused) return yield* message.toPoolError()
      if (isPoolError(message)) return yield* Effect.fail(message as PoolError)
      return yield* print(yield* call.store([message]))
    }
    if (args.file === undefined && io.stdinIsTerminal) return yield* missingInput(words)
    return yield* ingest(call)
  }).pipe(Effect.scoped, whenReaderGone)

const keyAdvice =
  "A key names one message: give that one as an argument, or say with --key-from where each message has its own"

/** The messages are in the pool; what it gives are their receipts, or nothing if nobody wants them. */
type Store = (messages: ReadonlyArray<KeyedPayload>) => Effect.Effect<string, PoolError | CommandFailure, ProcessIo>

interface Storing {
  readonly args: PokeArguments
  readonly look: Presentation
  readonly pool: Pool
  readonly retry: RetryPolicy
}

const storeAll =
  ({ args, look, pool, retry }: Storing): Store =>
  (messages) => {
    const payloads = messages.map(({ payload }) => payload)
    return retrying(pool.encoded.append(payloads, args.durability), retry).pipe(
      Effect.tap(({ repaired }) => (repaired === undefined ? Effect.void : reportRepair(args, look, pool, repaired))),
      Effect.map((range) => (args.quiet ? "" : receipts(args, look.stdoutIsTerminal, payloads, range)))
    )
  }

/** With keys it may be tried again whatever became of it. */
const storeOnce =
  ({ args, look, pool, retry }: Storing): Store =>
  (messages) =>
    retrying(pool.encoded.appendKeyed(messages, args.durability), { ...retry, repeatable: true }).pipe(
      Effect.tap(({ repaired }) => (repaired === undefined ? Effect.void : reportRepair(args, look, pool, repaired))),
      Effect.map(({ messages: stored }) =>
        args.quiet ? "" : stored.map((message) => keyedReceipt(args, look.stdoutIsTerminal, message)).join("")
      )
    )

/** A receipt that nobody reads is a lost one. */
const whenReaderGone = <R>(
  effect: Effect.Effect<void, CommandEnd | OutputClosed, R>
): Effect.Effect<void, CommandEnd, R> =>
  Effect.catchTag(effect, "OutputClosed", () => new CommandExit({ code: brokenPipe }))

/** What `pokeNow` left to be said. */
export const pokeDone = (args: PokeArguments, poked: Poked): Effect.Effect<void, CommandEnd, ProcessIo> =>
  Effect.gen(function* () {
    if ("failure" in poked) {
      return yield* isPoolError(poked.failure) ? Effect.fail(poked.failure as PoolError) : Effect.die(poked.failure)
    }
    const look = yield* presentation(args.color)
    const { payload, range } = poked
    if (range.repaired !== undefined) yield* reportRepair(args, look, poked, range.repaired)
    if (!args.quiet) yield* print(receipts(args, look.stdoutIsTerminal, [payload], range))
  }).pipe(whenReaderGone)

interface Call {
  readonly args: PokeArguments
  readonly look: Presentation
  readonly pool: Pool
  readonly prepared: PreparedPool
  readonly encode: (text: string) => Encoded
  readonly store: Store
}

type Ends = CommandEnd | OutputClosed

const missingInput = (words: ReadonlyArray<string>): PoolError =>
  usageError(words, "missing data input", "Give the message as an argument, pipe JSON into the command, or use --file")

/** What the reader makes of a record's text. JSON that is no message is a record all the same: it cannot be skipped. */
type Encoded = KeyedPayload | PayloadRefused | PoolError

const encoderOf =
  (tags: ReadonlyArray<string>, keyOf: KeyOf | undefined) =>
  (text: string): Encoded => {
    try {
      if (keyOf === undefined) return { payload: encodeText(text, tags) }
      // What is not JSON is refused as it is without a key.
      const key = keyOf(text)
      return { payload: encodeText(text, tagsWithKey(tags, key)), key }
    } catch (error) {
      if (error instanceof JsonSyntaxError) {
        const refused = encoderOf(tags, undefined)(text)
        if (!isMessage(refused)) return refused
      }
      if (error instanceof PayloadRefused) return error
      if (isPoolError(error)) return error as PoolError
      throw error
    }
  }

const parseWith =
  (encode: (text: string) => Encoded) =>
  (text: string): Parsed<Encoded> => {
    const encoded = encode(text)
    return encoded instanceof PayloadRefused && encoded.kind === "syntax"
      ? {
          ok: false,
          message: encoded.message,
          ...(encoded.position === undefined ? {} : { position: encoded.position })
        }
      : { ok: true, value: encoded }
  }

/** Reads to the end, or to the first failure that counts; then says what was skipped. */
const ingest = (call: Call): Effect.Effect<void, Ends, ProcessIo> =>
  Effect.gen(function* () {
    const { args } = call
    const reader = makeRecordReader<Encoded>({
      mode: args.inputMode,
      resume: args.errors === "skip",
      parse: parseWith(call.encode)
    })
    let stored = 0
    let skipped = 0
    const taking = function* (items: ReadonlyArray<InputItem<Encoded>>) {
      for (let at = 0; at < items.length;) {
        const item = items[at]!
        if (item._tag === "Failure") {
          if (args.errors === "stop") return yield* rejected(item)
          skipped++
          at++
          yield* reportNotice(call.look, ingestSkipNotice(originOf(call), item))
          continue
        }
        if (!isMessage(item.value)) {
          const error = item.value instanceof PayloadRefused ? item.value.toPoolError() : item.value
          return yield* new CommandFailure({ error, extras: positionOf(item) })
        }
        const run = payloadRun(items, at, call.prepared.appendLimit())
        yield* appendRun(call, run)
        stored += run.length
        at += run.length
      }
    }
    // Not a closure over the items: see `Printer.print` of `peek`.
    const take = (items: ReadonlyArray<InputItem<Encoded>>): Effect.Effect<void, Ends, ProcessIo> =>
      Effect.gen(() => taking(items))
    yield* readInput(
      args.file,
      () => !reader.isFinished,
      (chunk) => take(reader.push(chunk)),
      call.prepared.watchesWhileReading
    )
    yield* take(reader.end())
    if (reader.isEmpty) return yield* missingInput(args.call.words)
    if (skipped > 0) {
      yield* reportNotice(call.look, ingestSummaryNotice(originOf(call), stored, skipped))
      return yield* new CommandExit({ code: 1 })
    }
  })

type Record = InputRecord<KeyedPayload>

const isMessage = (encoded: Encoded): encoded is KeyedPayload => "payload" in encoded

/** The records from `start` on that can be appended together; one at least. */
const payloadRun = (
  items: ReadonlyArray<InputItem<Encoded>>,
  start: number,
  limit: ReturnType<PreparedPool["appendLimit"]>
): ReadonlyArray<Record> => {
  const run: Array<Record> = []
  let bytes = 0
  for (let at = start; at < items.length && run.length < limit.messages; at++) {
    const item = items[at]!
    if (item._tag === "Failure" || !isMessage(item.value)) break
    bytes += item.value.payload.length
    if (run.length > 0 && bytes > limit.bytes) break
    run.push(item as Record)
  }
  return run
}

/**
 * One lock for what arrived together. If that is refused, one by one, so that the good ones before the bad one count. A
 * failure names the first record that has no receipt.
 */
const appendRun = (call: Call, run: ReadonlyArray<Record>): Effect.Effect<void, Ends, ProcessIo> => {
  return Effect.matchEffect(call.store(run.map(({ value }) => value)), {
    onSuccess: print,
    onFailure: (error) => {
      if (error._tag === "CommandFailure") {
        return new CommandFailure({ error: error.error, extras: { ...error.extras, ...positionOf(run[0]!) } })
      }
      return error.reason === "Usage" && run.length > 1
        ? Effect.forEach(run, (record) => appendRun(call, [record]), { discard: true })
        : new CommandFailure({ error, extras: positionOf(run[0]!) })
    }
  })
}

const positionOf = ({ index, line }: { readonly index: number; readonly line?: number }) =>
  line === undefined ? { index } : { index, line }

const rejected = (failure: InputFailure): CommandFailure =>
  new CommandFailure({
    error: new PoolError({
      reason: "Usage",
      message: `record ${failure.index} of the input: ${failure.message}`,
      hint:
        failure.mode === "json" || failure.mode === "jq"
          ? "Records before it are stored. Check the input, or its form with --in."
          : "Records before it are stored. Use -e skip to pass over bad records with a notice."
    }),
    extras: positionOf(failure)
  })

/** Receipts, in one write for all that were committed together. */
const print = (text: string): Effect.Effect<void, OutputClosed | PoolError, ProcessIo> =>
  text === "" ? Effect.void : Effect.flatMap(ProcessIo, (io) => io.write(text))

const originOf = ({ args, pool }: Call): NoticeOrigin => ({
  command: args.spelling,
  pool: args.pool,
  poolPath: pool.path
})

/** A writer died here before us; its traces are gone now. */
const reportRepair = (args: PokeArguments, look: Presentation, { path }: { readonly path: string }, repaired: string) =>
  reportNotice(look, {
    kind: "repair",
    command: args.spelling,
    pool: args.pool,
    message: `repaired ${repaired}`,
    details: { pool_path: path }
  })
