/**
 * All pools with their counters, as they are now: one list at the start, then one stream for all tabs of the browser.
 * Rates and their past are accumulated here, so they are there when the reader comes back to the overview.
 */
import { RateHistory, RateMeter } from "../logic/rates.js"
import type { Bounds } from "../logic/connection.js"
import { poolsRoute } from "../logic/earlyRequests.js"
import { EventStreamParser } from "../logic/eventStream.js"
import { messageOf, type Client } from "./Client.js"
import { SharedStream } from "./SharedStream.js"
import { hasFeature, type ServerInfo } from "./ServerInfo.js"
import { Signal } from "./Signal.js"

export interface PoolEntry {
  readonly name: string
  readonly fileSize: number
  readonly ringSize: number
  readonly bounds: Bounds
  readonly messageCount: number
  readonly usedBytes: number
  readonly usedPercent: number
  readonly oldestMillis: number | undefined
  readonly newestMillis: number | undefined
  readonly meter: RateMeter
  /** Five minutes, five seconds a bucket. */
  readonly history: RateHistory
  /** Fifteen minutes. */
  readonly longHistory: RateHistory
}

export interface UnreadablePool {
  readonly name: string
  readonly error: { readonly kind: string; readonly message: string; readonly hint?: string }
}

export interface PoolsState {
  readonly isLoaded: boolean
  readonly pools: ReadonlyArray<PoolEntry>
  readonly unreadable: ReadonlyArray<UnreadablePool>
  readonly tails: { readonly open: number; readonly limit: number } | undefined
}

interface WirePool {
  readonly name: string
  readonly file_size: number
  readonly ring_size: number
  readonly bounds?: Bounds
  readonly metrics?: {
    readonly message_count: number
    readonly utilization: { readonly used_bytes: number; readonly used_percent: number }
    readonly age: { readonly oldest_time: string | null; readonly newest_time: string | null }
  }
}

interface WireStats {
  readonly pools: ReadonlyArray<{
    readonly name: string
    readonly file_size: number
    readonly ring_size: number
    readonly bounds: Bounds
    readonly message_count: number
    readonly used_bytes: number
    readonly used_percent: number
    readonly oldest_time: string | null
    readonly newest_time: string | null
  }>
  readonly unreadable: ReadonlyArray<UnreadablePool>
  readonly tails?: { readonly open: number; readonly limit: number }
}

interface Past {
  readonly meter: RateMeter
  readonly history: RateHistory
  readonly longHistory: RateHistory
}

const pollMillis = 2_000
const firstWaitMillis = 500
const longestWaitMillis = 8_000

export class PoolsFeed extends Signal<PoolsState> {
  /** Why nothing comes; undefined while all is well. */
  readonly problem = new Signal<string | undefined>(undefined)
  private isAsked = false
  private readonly past = new Map<string, Past>()
  private readonly shared = new SharedStream("plasmite.stats", (signal, publish) => this.follow(signal, publish))

  constructor(
    private readonly client: Client,
    private readonly server: ServerInfo
  ) {
    super({ isLoaded: false, pools: [], unreadable: [], tails: undefined })
    this.shared.onData = (data) => this.takeStats(JSON.parse(data) as WireStats)
  }

  /** Asks for the list, once. */
  ask(): void {
    if (this.isAsked) return
    this.isAsked = true
    void this.refresh()
  }

  /** The list, and what changes in it. */
  start(): void {
    this.ask()
    this.shared.start()
  }

  /** Asks for the list now, for example after a pool was made or deleted. */
  async refresh(): Promise<void> {
    try {
      const answer = await this.client.json<{
        readonly pools: ReadonlyArray<WirePool>
        readonly unreadable?: ReadonlyArray<UnreadablePool>
      }>(poolsRoute)
      this.problem.set(undefined)
      this.takeStats({
        pools: answer.pools.map(statsOf),
        unreadable: answer.unreadable ?? [],
        ...(this.value.tails === undefined ? {} : { tails: this.value.tails })
      })
    } catch (error) {
      this.isAsked = false
      this.problem.set(messageOf(error))
    }
  }

  entry(pool: string | undefined): PoolEntry | undefined {
    return this.value.pools.find(({ name }) => name === pool)
  }

  /** Runs in the one tab that leads. */
  private async follow(signal: AbortSignal, publish: (data: string) => void): Promise<void> {
    let wait = firstWaitMillis
    while (!signal.aborted) {
      try {
        if (hasFeature(this.server.value, "ui-stats")) {
          await this.readStats(signal, (data) => {
            wait = firstWaitMillis
            publish(data)
          })
        } else {
          await sleep(pollMillis, signal)
          await this.refresh()
        }
      } catch (error) {
        if (signal.aborted) return
        this.problem.set(messageOf(error))
        await sleep(wait, signal)
        wait = Math.min(wait * 2, longestWaitMillis)
      }
    }
  }

  private async readStats(signal: AbortSignal, publish: (data: string) => void): Promise<void> {
    const response = await this.client.fetch("/v0/ui/stats", { signal })
    this.problem.set(undefined)
    const parser = new EventStreamParser()
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      for (const { data, event } of parser.push(value).events) {
        if (event === "pools") publish(data)
        if (event === "error") throw new Error(data)
      }
    }
  }

  private takeStats({ pools, tails, unreadable }: WireStats): void {
    const now = performance.now()
    this.problem.set(undefined)
    const entries = pools.map((pool): PoolEntry => {
      const past = this.pastOf(pool.name)
      const newest = pool.bounds.newest ?? 0
      past.meter.sample(newest, now)
      past.history.sample(newest, now)
      past.longHistory.sample(newest, now)
      return {
        name: pool.name,
        fileSize: pool.file_size,
        ringSize: pool.ring_size,
        bounds: pool.bounds,
        messageCount: pool.message_count,
        usedBytes: pool.used_bytes,
        usedPercent: pool.used_percent,
        oldestMillis: millisOf(pool.oldest_time),
        newestMillis: millisOf(pool.newest_time),
        ...past
      }
    })
    for (const name of this.past.keys()) if (!pools.some((pool) => pool.name === name)) this.past.delete(name)
    this.set({ isLoaded: true, pools: entries, unreadable, tails })
  }

  private pastOf(name: string): Past {
    const known = this.past.get(name)
    if (known !== undefined) return known
    const past: Past = {
      meter: new RateMeter(3_000),
      history: new RateHistory(5_000, 60),
      longHistory: new RateHistory(15_000, 60)
    }
    this.past.set(name, past)
    return past
  }
}

const statsOf = ({ bounds, file_size, metrics, name, ring_size }: WirePool): WireStats["pools"][number] => ({
  name,
  file_size,
  ring_size,
  bounds: bounds ?? {},
  message_count: metrics?.message_count ?? 0,
  used_bytes: metrics?.utilization.used_bytes ?? 0,
  used_percent: metrics?.utilization.used_percent ?? 0,
  oldest_time: metrics?.age.oldest_time ?? null,
  newest_time: metrics?.age.newest_time ?? null
})

const millisOf = (time: string | null): number | undefined => (time === null ? undefined : Date.parse(time))

/** Resolves early when the signal is aborted. */
export const sleep = (millis: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, millis)
    signal.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve()
    })
  })
