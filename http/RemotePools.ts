/**
 * `Pools` on another machine: the same service, so that a program does not know where its pools are. Works with our server
 * and with upstream's. A followed pool survives lost connections and restarts of the server without losing or repeating
 * a message.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Context from "effect/Context"
import type * as Scope from "effect/Scope"
import { MessageFilter } from "../src/MessageFilter.js"
import type { Pool } from "../src/Pool.js"
import { make as makePool } from "../src/Pool.js"
import { PoolError } from "../src/PoolError.js"
import type { PoolInfo, PoolListing } from "../src/PoolInfo.js"
import type { PoolRef } from "../src/PoolRef.js"
import { display } from "../src/PoolRef.js"
import type { CreateOptions } from "../src/Pools.js"
import { Pools } from "../src/Pools.js"
import * as Models from "./api/models.js"
import { decodeAnswer } from "./remote/decodeAnswer.js"
import { envelopeError } from "./remote/peerError.js"
import type { RemoteOptions } from "./remote/remoteOptions.js"
import { makeRemotePool, poolRoute, poolUrl, remoteInfo, toPoolInfo } from "./remote/remotePool.js"
import type { Wire } from "./remote/Wire.js"
import { openWire } from "./remote/Wire.js"

export type { RemoteOptions, RemoteTls } from "./remote/remoteOptions.js"

/**
 * The pools of a server. Nothing is asked before they are used; a server that is not there is an `Io` failure of each
 * operation. Filters run on this side. Connections close with the scope. Fails with `Usage` for a URL or a fingerprint that
 * is none.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: RemoteOptions
): Effect.Effect<Context.Tag.Service<Pools>, PoolError, MessageFilter | Scope.Scope> =>
  Effect.gen(function* () {
    const filters = yield* MessageFilter
    const wire = yield* openWire(options)
    return makePools(wire, filters, options.reconnect ?? true)
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: RemoteOptions): Layer.Layer<Pools, PoolError, MessageFilter> =>
  Layer.scoped(Pools, make(options))

const makePools = (
  wire: Wire,
  filters: Context.Tag.Service<MessageFilter>,
  reconnect: boolean
): Context.Tag.Service<Pools> => {
  const post = (target: string, about: string, body: object): Effect.Effect<unknown, PoolError> =>
    wire.json({ method: "POST", target, about, body: JSON.stringify(body) })

  const create = (name: string, options: CreateOptions): Effect.Effect<PoolInfo, PoolError> =>
    Effect.flatMap(
      post("/v0/pools", poolUrl(wire, name), {
        pool: name,
        ...(options.sizeBytes === undefined ? {} : { size_bytes: options.sizeBytes }),
        ...(options.indexCapacity === undefined ? {} : { index_capacity: options.indexCapacity })
      }),
      (answer) => Effect.map(decodeAnswer(Models.PoolAnswer, answer), ({ pool }) => toPoolInfo(wire, name, pool))
    )

  const openNamed = (name: string): Effect.Effect<Pool, PoolError> =>
    Effect.as(
      Effect.catchIf(
        post("/v0/pools/open", poolUrl(wire, name), { pool: name }),
        // A server that is only written to may refuse to say whether the pool is there; the append will.
        (error) => error.reason === "Permission" && error.message.startsWith("forbidden:"),
        () => Effect.void
      ),
      makePool(makeRemotePool({ wire, filters, reconnect }, name))
    )

  return {
    open: (ref, options = {}) =>
      Effect.flatMap(nameOf(ref), (name) => {
        const opened = openNamed(name)
        if (options.create === undefined || options.create === false) return opened
        const wanted = options.create === true ? {} : options.create
        return Effect.catchIf(
          opened,
          (error) => error.reason === "NotFound",
          () =>
            Effect.zipRight(
              Effect.catchIf(
                create(name, wanted),
                (error) => error.reason === "AlreadyExists",
                () => Effect.void
              ),
              opened
            )
        )
      }),
    create: (ref, options = {}) => Effect.flatMap(nameOf(ref), (name) => create(name, options)),
    info: (ref) => Effect.flatMap(nameOf(ref), (name) => remoteInfo(wire, name)),
    list: Effect.flatMap(wire.json({ method: "GET", target: "/v0/pools", about: wire.url.origin }), (answer) =>
      Effect.map(decodeAnswer(Models.PoolsAnswer, answer), (pools) => listings(wire, pools))
    ),
    remove: (ref) =>
      Effect.flatMap(nameOf(ref), (name) =>
        Effect.asVoid(wire.json({ method: "DELETE", target: poolRoute(name), about: poolUrl(wire, name) }))
      ),
    verify: (ref) => Effect.flatMap(nameOf(ref), (name) => onItsMachine("checked", wire, name)),
    repair: (ref) => Effect.flatMap(nameOf(ref), (name) => onItsMachine("repaired", wire, name)),
    pathOf: (ref) => Effect.map(nameOf(ref), (name) => poolUrl(wire, name))
  }
}

const nameOf = (ref: PoolRef): Effect.Effect<string, PoolError> => {
  const refuse = (message: string): Effect.Effect<never, PoolError> =>
    Effect.fail(
      new PoolError({ reason: "Usage", message, hint: "Give the plain name of a pool of the server, such as `chat`." })
    )
  if (typeof ref !== "string" && typeof ref?.path !== "string") return refuse(`a pool cannot be called ${String(ref)}`)
  if (typeof ref !== "string") return refuse(`${display(ref)} is a path of this machine, not a pool of a server`)
  if (ref === "") return refuse("the pool name is empty")
  if (ref.includes("/") || ref.includes("\0")) return refuse(`pool name ${JSON.stringify(ref)} contains a separator`)
  return Effect.succeed(ref)
}

const onItsMachine = (what: string, wire: Wire, name: string): Effect.Effect<never, PoolError> =>
  Effect.fail(
    new PoolError({
      reason: "Usage",
      message: `a pool is ${what} where its file is, not over a connection`,
      hint: `Run \`pls doctor ${name}\` on the machine of ${wire.url.hostname}.`,
      path: poolUrl(wire, name)
    })
  )

const listings = (wire: Wire, answer: typeof Models.PoolsAnswer.Type): ReadonlyArray<PoolListing> => {
  const readable = answer.pools.map((pool): PoolListing => {
    // Upstream's path is where the file is there; all that counts is what it is called.
    const file = pool.path.slice(pool.path.lastIndexOf("/") + 1)
    const name = file.endsWith(".plasmite") ? file.slice(0, -".plasmite".length) : pool.name
    const info = toPoolInfo(wire, name, pool)
    return {
      _tag: "Readable",
      name,
      path: info.path,
      fileSize: info.fileSize,
      bounds: info.bounds,
      // The protocol does not tell; the newest message is the last change that matters.
      modifiedMillis: info.metrics.newestTime === null ? 0 : Date.parse(info.metrics.newestTime),
      info
    }
  })
  const unreadable = (answer.unreadable ?? []).map(({ error, name }): PoolListing => {
    const path = poolUrl(wire, name)
    const failure = envelopeError(JSON.stringify({ error }), path)
    return {
      _tag: "Unreadable",
      name,
      path,
      error: failure ?? new PoolError({ reason: "Internal", message: error.message, path })
    }
  })
  return [...readable, ...unreadable].sort((left, right) => (left.name < right.name ? -1 : 1))
}
