// Pools on a server, for commands: what cannot be asked of them is refused before any traffic, a pool that is missing is to be
// created on the server's side, and an append is as large as the server's answers say it may be.
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { makeRemotePool } from "../../http/remote/remotePool.js"
import { openWire, type Wire } from "../../http/remote/Wire.js"
import { MessageFilter } from "../../src/MessageFilter.js"
import { make as makePool, type Pool } from "../../src/Pool.js"
import { PoolError } from "../../src/PoolError.js"
import type { PoolAccess, PoolArguments, PreparedPool } from "../PoolAccess.js"
import type { RemoteTarget } from "../poolTarget.js"
import type { ProcessIo } from "../ProcessIo.js"
import { usageError } from "../usageError.js"
import { remoteOptions, warnOfTrust } from "./clientOptions.js"

export const remoteAccess: PoolAccess = (args, target) =>
  target._tag === "Local" ? Effect.dieMessage(`${target.text} is not on a server`) : prepare(args, target)

const refuse = (args: PoolArguments, option: string, advice: string): Effect.Effect<never, PoolError> =>
  Effect.fail(usageError(args.call.words, `a pool on a server does not support ${option}`, advice))

const refuseCreate = (args: PoolArguments): Effect.Effect<void, PoolError> =>
  args.create === true
    ? refuse(args, "--create", "A pool is created server-side: run `plasmite pool create NAME` on the server's machine")
    : Effect.void

const refuseReading = (args: PoolArguments): Effect.Effect<void, PoolError> => {
  if (args.replay !== undefined) return refuse(args, "--replay", "Play it back on the server's machine")
  if (args.since !== undefined) return refuse(args, "--since", "Start with the last messages instead: --tail N")
  if (args.noNotify === true) return refuse(args, "--no-notify", "Leave it out: a server has its own wake-ups")
  if (args.quietDrops === true) return refuse(args, "--quiet-drops", "Leave it out, or redirect standard error")
  return Effect.void
}

/** Below what servers take as one body, which is a megabyte where nobody changed it. */
const mostBytes = 512 * 1024
const mostMessages = 1024

const prepare = (
  args: PoolArguments,
  target: RemoteTarget
): Effect.Effect<PreparedPool, PoolError, MessageFilter | ProcessIo | Scope.Scope> =>
  Effect.gen(function* () {
    const server = { url: target.baseUrl, shown: target.text }
    yield* refuseCreate(args)
    const options = yield* remoteOptions(args, server)
    yield* refuseReading(args)
    yield* warnOfTrust(args, server)
    const filters = yield* MessageFilter
    const wire = yield* openWire(options)
    const pool = poolOf(wire, filters, options.reconnect === true, target)
    return {
      // Asked first, so that what follows begins with a server that is there.
      open: () => Effect.as(pool.info, pool),
      openForAppends: () => Effect.succeed(pool),
      // Only an answer tells whether the server takes many at once.
      appendLimit: () => ({ messages: wire.features?.has("batch") === true ? mostMessages : 1, bytes: mostBytes }),
      watchesWhileReading: true
    }
  })

const poolOf = (
  wire: Wire,
  filters: Parameters<typeof makeRemotePool>[0]["filters"],
  reconnect: boolean,
  target: RemoteTarget
): Pool => {
  const engine = makeRemotePool({ wire, filters, reconnect }, target.pool)
  const advised = <A>(effect: Effect.Effect<A, PoolError>) =>
    Effect.mapError(effect, (error) => withAdvice(error, target))
  return makePool({
    ...engine,
    info: advised(engine.info),
    append: (payloads, durability) => advised(engine.append(payloads, durability)),
    appendKeyed: (messages, durability) => advised(engine.appendKeyed(messages, durability))
  })
}

/** The server speaks of its own options and programs; whoever reads this sits elsewhere. */
const withAdvice = (error: PoolError, target: RemoteTarget): PoolError => {
  if (error.reason === "NotFound") {
    return new PoolError({
      reason: "NotFound",
      message: `pool ${target.text} not found`,
      hint:
        `Create it server-side: run \`plasmite pool create ${JSON.stringify(target.pool)}\` on the machine of the server. ` +
        `See what it has with \`plasmite pool list ${target.baseUrl}\`.`,
      ...(error.path === undefined ? {} : { path: error.path })
    })
  }
  if (error.reason === "Permission" && error.hint === undefined) {
    return new PoolError({
      reason: "Permission",
      message: error.message,
      hint: "Give the server's token with --token-file, --token or $PLASMITE_TOKEN.",
      ...(error.path === undefined ? {} : { path: error.path })
    })
  }
  return error
}
