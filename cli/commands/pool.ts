// `pool create`, `list`, `info`, `delete`: the files themselves; and `forget`, what is kept beside one.
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import { PoolError } from "../../src/PoolError.js"
import type { MessageFilter } from "../../src/MessageFilter.js"
import type { PoolInfo, PoolListing } from "../../src/PoolInfo.js"
import { defaults } from "../../src/PoolConfig.js"
import { Pools } from "../../src/Pools.js"
import type {
  PoolCreateArguments,
  PoolDeleteArguments,
  PoolForgetArguments,
  PoolInfoArguments,
  PoolListArguments
} from "../arguments.js"
import { type CommandEnd, CommandExit } from "../CommandEnd.js"
import { exitCodeOf } from "../exitCode.js"
import { briefly, localAccess, refOf, withPools } from "../localPools.js"
import { type Places, visible } from "../output/human.js"
import { createJson, deleteJson, type DeleteOutcome, infoJson, listJson } from "../output/poolReports.js"
import {
  createTable,
  createText,
  deleteTable,
  deleteText,
  infoBlock,
  infoLines,
  listTable,
  listText
} from "../output/poolText.js"
import { placesOf } from "../places.js"
import { openExisting, type PoolAccess } from "../PoolAccess.js"
import { type LocalTarget, parsePoolTarget, requireLocal } from "../poolTarget.js"
import { jsonResult, type Presentation, presentation, wantsJson } from "../presentation.js"
import { type OutputClosed, ProcessIo } from "../ProcessIo.js"
import { refuseClientOptions } from "../refusals.js"
import { usageError } from "../usageError.js"
import { parseSize } from "../valueGrammar.js"

type Command = Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo>

const slotBytes = 16

/** A report in the form that was asked for: JSON, or text for a terminal, or plain text for a pipe. */
const report = (
  look: Presentation,
  json: boolean,
  forms: { readonly json: () => string; readonly text: () => string; readonly plain: () => string }
): Effect.Effect<void, PoolError | OutputClosed, ProcessIo> =>
  Effect.flatMap(ProcessIo, (io) =>
    io.write(json ? jsonResult(look, forms.json()) : `${look.stdoutIsTerminal ? forms.text() : forms.plain()}\n`)
  )

const localTarget = (text: string, command: string): Effect.Effect<LocalTarget, PoolError> =>
  Effect.flatMap(
    parsePoolTarget(text),
    (target) => requireLocal(target, command) as Either.Either<LocalTarget, PoolError>
  )

export const poolCreate = (args: PoolCreateArguments): Command =>
  Effect.gen(function* () {
    const words = args.call.words
    const look = yield* presentation(args.color)
    const targets = yield* Effect.forEach(args.names, (name) => localTarget(name, "pool create"))
    const sizeBytes =
      args.size === undefined
        ? defaults.defaultSizeBytes
        : yield* parseSize(args.size, { name: "--size", command: words })
    const { indexCapacity } = args
    if (indexCapacity !== undefined && indexCapacity * slotBytes > sizeBytes / 2) {
      const most = Math.floor(sizeBytes / 2 / slotBytes)
      return yield* usageError(
        words,
        `index capacity ${indexCapacity} is too large: slots of 16 bytes may take half of the ${sizeBytes} bytes`,
        `Use at most ${most}, or a larger --size`
      )
    }
    const pools = yield* Pools
    const created: Array<PoolInfo> = []
    for (const target of targets) {
      const options = indexCapacity === undefined ? { sizeBytes } : { sizeBytes, indexCapacity }
      created.push({ ...(yield* pools.create(refOf(target), options)), name: target.text })
    }
    const places = yield* placesOf(args)
    yield* report(look, wantsJson(look, args.json), {
      json: () => createJson(created),
      text: () => createText(created, places),
      plain: () => createTable(created, places)
    })
  }).pipe(withPools(args))

export const poolList = (args: PoolListArguments): Command =>
  Effect.gen(function* () {
    const words = args.call.words
    if (args.server !== undefined) {
      const message = `${JSON.stringify(args.server)} is not the URL of a server`
      return yield* usageError(words, message, "Give http(s)://HOST:PORT, or choose a directory with --dir")
    }
    yield* refuseClientOptions(args, words)
    const listings = yield* Effect.flatMap(Pools, (pools) => pools.list)
    yield* reportList(args, listings, yield* placesOf(args))
  }).pipe(withPools(args, briefly))

export const reportList = (
  args: PoolListArguments,
  listings: ReadonlyArray<PoolListing>,
  places: Places
): Effect.Effect<void, PoolError | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    const look = yield* presentation(args.color)
    const now = yield* Clock.currentTimeMillis
    yield* report(look, wantsJson(look, args.json), {
      json: () => listJson(listings),
      text: () => listText(listings, places, now, look.stdout),
      plain: () => listTable(listings, places)
    })
  })

export const poolInfo = (args: PoolInfoArguments): Command =>
  Effect.flatMap(localAccess, (access) => poolInfoThrough(args, access)).pipe(withPools(args, briefly))

export const poolInfoThrough = (
  args: PoolInfoArguments,
  access: PoolAccess
): Effect.Effect<void, CommandEnd | OutputClosed, MessageFilter | ProcessIo> =>
  Effect.gen(function* () {
    const look = yield* presentation(args.color)
    const target = yield* parsePoolTarget(args.pool)
    const prepared = yield* access(args, target)
    const pool = yield* Effect.catchIf(
      prepared.open({ canCreate: false, repeatable: false }),
      (error) => error.reason === "NotFound",
      ({ hint, reason }) => new PoolError({ reason, message: "not found", ...(hint === undefined ? {} : { hint }) })
    )
    const info = { ...(yield* pool.info), name: target.text }
    const places = yield* placesOf(args)
    yield* report(look, args.json, {
      json: () => infoJson(info),
      text: () => infoBlock(info, places),
      plain: () => infoLines(info)
    })
  }).pipe(Effect.scoped)

export const poolDelete = (args: PoolDeleteArguments): Command =>
  Effect.gen(function* () {
    const look = yield* presentation(args.color)
    const outcomes = yield* Effect.forEach(args.pools, deleteOne)
    const places = yield* placesOf(args)
    yield* report(look, wantsJson(look, args.json), {
      json: () => deleteJson(outcomes),
      text: () => deleteText(outcomes, places),
      plain: () => deleteTable(outcomes, places)
    })
    const failed = outcomes.find((outcome) => "error" in outcome)
    if (failed !== undefined && "error" in failed) {
      return yield* new CommandExit({ code: exitCodeOf[failed.error.reason] })
    }
  }).pipe(withPools(args))

export const poolForget = (args: PoolForgetArguments): Command =>
  Effect.flatMap(localAccess, (access) => poolForgetThrough(args, access)).pipe(withPools(args, briefly))

export const poolForgetThrough = (
  args: PoolForgetArguments,
  access: PoolAccess
): Effect.Effect<void, CommandEnd | OutputClosed, MessageFilter | ProcessIo> =>
  Effect.gen(function* () {
    const look = yield* presentation(args.color)
    const pool = yield* openExisting(args, access)
    yield* pool.encoded.cursors.remove(args.cursor)
    const text = (): string => `Forgot cursor ${visible(args.cursor)} of ${visible(args.pool)}.`
    yield* report(look, wantsJson(look, args.json), {
      json: () => JSON.stringify({ forgotten: { pool: args.pool, cursor: args.cursor } }),
      text,
      plain: text
    })
  }).pipe(Effect.scoped)

/** Best effort: what cannot be deleted is part of the answer. */
const deleteOne = (typed: string): Effect.Effect<DeleteOutcome, never, Pools> =>
  Effect.gen(function* () {
    const pools = yield* Pools
    const target = yield* localTarget(typed, "pool delete")
    const path = yield* pools.pathOf(refOf(target))
    yield* pools.remove(refOf(target))
    return { pool: typed, path }
  }).pipe(Effect.catchAll((error) => Effect.succeed({ pool: typed, error: asDeleteError(typed, error) })))

const asDeleteError = (typed: string, error: PoolError): PoolError =>
  error.reason !== "NotFound"
    ? error
    : new PoolError({
        reason: "NotFound",
        message: `pool ${typed} not found`,
        hint: "See the pools there are with `plasmite pool list`.",
        ...(error.path === undefined ? {} : { path: error.path })
      })
