/**
 * One client that watches the counters. What it does not take in time it misses, since the next sample says it all; a
 * client that takes nothing for too long is cut.
 */
import * as Effect from "effect/Effect"
import type { Exchange } from "../server/Exchange.js"
import * as Metrics from "../server/metrics.js"
import * as Formats from "../tail/tailFormats.js"

export interface StatsSettings {
  readonly timeoutMillis: number
  readonly stalledWriterMillis: number
}

export class StatsStream {
  private over = false
  private notifyOver: () => void = () => undefined
  private lifetime: NodeJS.Timeout | undefined
  /** Since when the client has taken nothing. */
  private stalledSince: number | undefined

  constructor(
    private readonly exchange: Exchange,
    private readonly settings: StatsSettings
  ) {}

  begin(headOnly: boolean): void {
    const { cacheControl, headers, mediaType, opening } = Formats.events
    this.exchange.begin(200, ["content-type", mediaType, ...headers], cacheControl)
    this.exchange.response.flushHeaders()
    if (headOnly || this.settings.timeoutMillis === 0) return this.end()
    this.write(opening)
    this.lifetime = setTimeout(() => this.end(), this.settings.timeoutMillis)
  }

  get isOver(): boolean {
    return this.over
  }

  readonly awaitOver: Effect.Effect<void> = Effect.async((resume) => {
    if (this.over) return resume(Effect.void)
    this.notifyOver = () => resume(Effect.void)
  })

  readonly send = (sample: string): void => {
    if (this.over) return
    const { response } = this.exchange
    if (!response.writableNeedDrain) {
      this.stalledSince = undefined
      this.write(`event: pools\ndata: ${sample}\n\n`)
      return
    }
    this.stalledSince ??= Date.now()
    if (Date.now() - this.stalledSince < this.settings.stalledWriterMillis) return
    Metrics.add(Metrics.tailsStalled, 1)
    response.destroy()
  }

  private write(text: string): void {
    this.exchange.responseBytes += text.length
    this.exchange.response.write(text)
  }

  /** A clean end. */
  end(): void {
    if (this.over) return
    this.close()
    this.exchange.finish("")
  }

  /** Nothing is written any more. */
  close(): void {
    this.over = true
    clearTimeout(this.lifetime)
    this.notifyOver()
  }
}
