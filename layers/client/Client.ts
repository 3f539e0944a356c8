/**
 * Pools for programs without Effect, in the shape of upstream's Node binding: local operations block for their microseconds and
 * give their result at once; each also has a form that gives a promise and never blocks; tails are async iterators.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Pool as EffectPool } from "../../src/Pool.js"
import { PoolError } from "../../src/PoolError.js"
import type { PoolRef } from "../../src/PoolRef.js"
import { Pools } from "../../src/Pools.js"
import * as NodePools from "../NodePools.js"
import { runBlocking } from "./blocking.js"
import { Pool } from "./ClientPool.js"
import { toClientError } from "./ClientError.js"

/**
 * Size of pools that `Client` creates when it is not told another, as upstream's binding and the command line do: 1 MiB.
 *
 * @since 0.1.0
 * @category constants
 */
export const DEFAULT_POOL_SIZE_BYTES = 1024 * 1024

/**
 * @since 0.1.0
 * @category constants
 */
export const DEFAULT_POOL_SIZE = DEFAULT_POOL_SIZE_BYTES

/**
 * Where pools are when nobody says otherwise.
 *
 * @since 0.1.0
 * @category constants
 */
export const DEFAULT_POOL_DIR: string = NodePools.defaultDirectory()

/**
 * The pools of a directory.
 *
 * @example
 * ```ts
 * import { Client } from "effect-plasmite/node"
 *
 * const client = new Client("./data")
 * const pool = client.pool("docs")
 * const { seq } = pool.append({ kind: "note", text: "hi" }, ["note"])
 * for await (const message of pool.tail({ sinceSeq: seq })) {
 *   console.log(message.data)
 *   break
 * }
 * client.close()
 * ```
 *
 * @since 0.1.0
 * @category models
 */
export class Client {
  private readonly scope: Scope.CloseableScope
  private readonly pools: Context.Tag.Service<Pools>
  private readonly openPools = new Set<Pool>()
  private closed = false

  constructor(poolDir: string = DEFAULT_POOL_DIR, options: Omit<NodePools.NodePoolsOptions, "directory"> = {}) {
    this.scope = runBlocking(Scope.make())
    const layer = NodePools.layer({ ...options, directory: poolDir })
    this.pools = Context.get(runBlocking(Layer.buildWithScope(layer, this.scope)), Pools)
  }

  /** Throws `AlreadyExists` when it is there. */
  createPool(poolRef: string, sizeBytes: number | bigint = DEFAULT_POOL_SIZE_BYTES): Pool {
    const ref = toRef(poolRef)
    return this.opened((pools) => Effect.zipRight(pools.create(ref, { sizeBytes: Number(sizeBytes) }), pools.open(ref)))
  }

  /** Throws `NotFound` when it is not there. */
  openPool(poolRef: string): Pool {
    return this.opened((pools) => Effect.mapError(pools.open(toRef(poolRef)), orPool))
  }

  /** Opens the pool, creating it with this size if it is not there. */
  pool(poolRef: string, sizeBytes: number | bigint = DEFAULT_POOL_SIZE_BYTES): Pool {
    return this.opened((pools) => pools.open(toRef(poolRef), { create: { sizeBytes: Number(sizeBytes) } }))
  }

  /** The names of the pools that can be read, sorted. */
  listPools(): Array<string> {
    return this.use(({ list }) =>
      Effect.map(list, (listings) => listings.filter(({ _tag }) => _tag === "Readable").map(({ name }) => name))
    )
  }

  /** Throws `NotFound` when it is not there. */
  deletePool(poolRef: string): void {
    this.use((pools) => pools.remove(toRef(poolRef)))
  }

  /** Closes the client's pools too. Closing twice does nothing. */
  close(): void {
    if (this.closed) return
    this.closed = true
    for (const pool of this.openPools) pool.close()
    // Nothing is left of the pools now; what the layers hold may take its turn.
    Effect.runFork(Scope.close(this.scope, Exit.void))
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private opened(open: (pools: Context.Tag.Service<Pools>) => Effect.Effect<EffectPool, PoolError, Scope.Scope>): Pool {
    return this.use((pools) =>
      Effect.gen(this, function* () {
        const scope = yield* Scope.make()
        const opened = Effect.onError(Scope.extend(open(pools), scope), (cause) =>
          Scope.close(scope, Exit.failCause(cause))
        )
        const pool: Pool = new Pool(yield* opened, () => {
          this.openPools.delete(pool)
          runBlocking(Scope.close(scope, Exit.void))
        })
        this.openPools.add(pool)
        return pool
      })
    )
  }

  private use<A>(run: (pools: Context.Tag.Service<Pools>) => Effect.Effect<A, PoolError>): A {
    if (this.closed) {
      throw toClientError(
        new PoolError({
          reason: "Usage",
          message: "the client is closed",
          hint: "Make a new Client, or close it later."
        })
      )
    }
    return runBlocking(run(this.pools))
  }
}

/** As on the command line: what has a separator in it is a path. */
const toRef = (poolRef: string): PoolRef =>
  typeof poolRef === "string" && poolRef.includes("/") ? { path: poolRef } : poolRef

/** The hint in the words of a client. */
const orPool = (error: PoolError): PoolError =>
  error.reason === "NotFound"
    ? new PoolError({ ...error, message: error.message, hint: "Check the name, or use `pool`, which creates it." })
    : error
