/**
 * The pools of a server for programs without Effect, in the shape of upstream's Node binding: one request for each call, and
 * what the server answers. Programs that shall not notice a lost connection take `RemotePools` of `effect-plasmite/http`.
 *
 * @since 0.1.0
 */
import { RemotePool } from "./RemotePool.js"
import { refused } from "./RemoteError.js"
import { addressOf, baseUrlOf, requestJson } from "./requests.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface RemoteClientOptions {
  /** Sent with every request, and to this server only. */
  readonly token?: string
}

/**
 * A pool as its server describes it, in bytes. An empty pool has no bounds. Other servers, and later ones, say more.
 *
 * @since 0.1.0
 * @category models
 */
export interface RemotePoolInfo {
  readonly name: string
  readonly path: string
  readonly file_size: number
  readonly ring_offset: number
  readonly ring_size: number
  readonly bounds: { readonly oldest?: number; readonly newest?: number }
  readonly [more: string]: unknown
}

/**
 * The pools of a server. Nothing is asked before the first call; each call is one request by the program's `fetch`, and fails
 * with a `RemoteError`.
 *
 * @example
 * ```ts
 * import { MemoryPools } from "effect-plasmite/testing"
 * import { RemoteClient } from "effect-plasmite/node"
 * import { PoolServer } from "effect-plasmite/http"
 * import { Effect } from "effect"
 *
 * const talk = async (url: string) => {
 *   const client = new RemoteClient(url)
 *   await client.createPool("docs", 1024 * 1024)
 *   const pool = await client.openPool("docs")
 *   const { seq } = await pool.append({ kind: "note", text: "hi" }, ["note"])
 *   for await (const message of pool.tail({ sinceSeq: seq })) {
 *     console.log(message.data)
 *     break
 *   }
 *   client.close()
 * }
 *
 * const server = PoolServer.make({ port: 0, logRequests: "none" })
 * const program = Effect.flatMap(server, ({ url }) => Effect.promise(() => talk(url)))
 * await program.pipe(Effect.scoped, Effect.provide(MemoryPools.layer()), Effect.runPromise)
 * // prints: hi
 * ```
 *
 * @since 0.1.0
 * @category models
 */
export class RemoteClient {
  /** Where requests go; what is set here holds for the next one. */
  baseUrl: URL
  token: string | null
  /** Aborted once the client is closed. */
  readonly signal: AbortSignal
  private readonly closing = new AbortController()

  /** Throws `Usage` unless `baseUrl` is like `http://127.0.0.1:9700`, without a path. */
  constructor(baseUrl: string, options: RemoteClientOptions = {}) {
    this.baseUrl = baseUrlOf(baseUrl)
    this.token = options.token || null
    this.signal = this.closing.signal
  }

  withToken(token: string): this {
    this.token = token
    return this
  }

  /** Fails with `AlreadyExists` when it is there. */
  async createPool(pool: string, sizeBytes: number | bigint): Promise<RemotePoolInfo> {
    const body = { pool, size_bytes: Number(sizeBytes) }
    return this.describe(await requestJson(this.open(), "POST", addressOf(this, "v0", "pools"), body))
  }

  /** Fails with `NotFound` when it is not there. */
  async openPool(pool: string): Promise<RemotePool> {
    await requestJson(this.open(), "POST", addressOf(this, "v0", "pools", "open"), { pool })
    return new RemotePool(this, pool)
  }

  async poolInfo(pool: string): Promise<RemotePoolInfo> {
    return this.describe(await requestJson(this.open(), "GET", addressOf(this, "v0", "pools", pool, "info")))
  }

  /** Those that can be read. */
  async listPools(): Promise<Array<RemotePoolInfo>> {
    const answer = await requestJson(this.open(), "GET", addressOf(this, "v0", "pools"))
    return (answer as { readonly pools: Array<RemotePoolInfo> }).pools
  }

  /** Fails with `NotFound` when it is not there. */
  async deletePool(pool: string): Promise<void> {
    await requestJson(this.open(), "DELETE", addressOf(this, "v0", "pools", pool))
  }

  /** Ends the tails of its pools; requests that are under way get their answer. Closing twice does nothing. */
  close(): void {
    this.closing.abort()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private describe(answer: unknown): RemotePoolInfo {
    return (answer as { readonly pool: RemotePoolInfo }).pool
  }

  private open(): this {
    if (!this.signal.aborted) return this
    throw refused("the client is closed", "Make a new RemoteClient, or close it later.")
  }
}
