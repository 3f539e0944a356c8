/**
 * What the server is and allows. Until it has said so, nothing is offered; an older server that cannot say is taken to
 * allow everything that it has routes for.
 */
import { serverRoute } from "../logic/earlyRequests.js"
import { ApiFailure, type Client } from "./Client.js"
import { Signal } from "./Signal.js"

export interface ServerFacts {
  readonly name: string
  readonly version: string
  readonly access: "read-only" | "write-only" | "read-write"
  readonly auth: "none" | "bearer"
  readonly limits: {
    readonly max_body_bytes: number
    readonly max_tail_timeout_ms: number
    readonly max_tail_concurrency: number
    readonly max_pool_bytes: number
    readonly max_pools: number
  }
  readonly features: ReadonlyArray<string>
  readonly tails?: { readonly open: number; readonly limit: number }
}

export const canRead = (facts: ServerFacts | undefined): boolean => facts !== undefined && facts.access !== "write-only"

export const canWrite = (facts: ServerFacts | undefined): boolean => facts !== undefined && facts.access !== "read-only"

export const hasFeature = (facts: ServerFacts | undefined, feature: string): boolean =>
  facts?.features.includes(feature) === true

/** For a server that has no `/v0/server`. */
const unknownServer: ServerFacts = {
  name: "plasmite",
  version: "",
  access: "read-write",
  auth: "none",
  limits: {
    max_body_bytes: 1024 * 1024,
    max_tail_timeout_ms: 30_000,
    max_tail_concurrency: 64,
    max_pool_bytes: Number.MAX_SAFE_INTEGER,
    max_pools: Number.MAX_SAFE_INTEGER
  },
  features: []
}

export class ServerInfo extends Signal<ServerFacts | undefined> {
  readonly failure = new Signal<ApiFailure | undefined>(undefined)

  constructor(private readonly client: Client) {
    super(undefined)
  }

  /** Asks until there is an answer. */
  async load(): Promise<void> {
    for (let wait = 500; ; wait = Math.min(wait * 2, 8_000)) {
      try {
        const { server } = await this.client.json<{ readonly server: ServerFacts }>(serverRoute)
        this.failure.set(undefined)
        this.set(server)
        return
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error
        if (error.status === 404 || error.status === 405) {
          this.set(unknownServer)
          return
        }
        this.failure.set(error)
        if (error.status === 401 || error.status === 403) return
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
  }
}
