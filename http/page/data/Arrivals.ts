/**
 * What comes from the stream, gathered until the next frame, counted and measured: a view is told once per frame however
 * many messages came, and ten times a second when there are very many.
 */
import { FieldPaths } from "../logic/fieldPaths.js"
import type { PageMessage } from "../logic/message.js"
import { RateHistory, RateMeter } from "../logic/rates.js"
import { TagCounter } from "../logic/tagFilter.js"
import { Signal } from "./Signal.js"

/** More than this per second, and the rows are drawn ten times a second instead of with each frame. */
const fastPerSecond = 1_500
export const fastFlushMillis = 100
const hiddenFlushMillis = 1_000

/** What is offered where a filter is typed. */
export interface Learned {
  readonly tags: TagCounter
  readonly fieldPaths: FieldPaths
}

export class Arrivals implements Learned {
  readonly isFast = new Signal(false)
  readonly tags: TagCounter
  readonly fieldPaths: FieldPaths
  readonly rates = new RateHistory(1_000, 300)
  private readonly meter = new RateMeter(3_000)
  private incoming: Array<PageMessage> = []
  private isPlanned = false
  private received = 0

  /** `take` gets what has come, in order. Pools that are open together share what they learn. */
  constructor(
    private readonly take: (messages: ReadonlyArray<PageMessage>) => void,
    { fieldPaths, tags }: Learned = { tags: new TagCounter(), fieldPaths: new FieldPaths() }
  ) {
    this.tags = tags
    this.fieldPaths = fieldPaths
  }

  /** Messages that came from the stream. */
  get count(): number {
    return this.received
  }

  /** The newest that waits to be taken. */
  get newestSeq(): number | undefined {
    return this.incoming.at(-1)?.seq
  }

  /** `isUrgent`: nothing is drawn yet, so no frame is waited for. Messages up to `seenSeq` came before. */
  push(messages: ReadonlyArray<PageMessage>, seenSeq: number, isUrgent: boolean): void {
    for (const message of messages) {
      if (message.seq > seenSeq) this.received++
      this.incoming.push(message)
    }
    if (isUrgent) return this.flush()
    if (this.isPlanned) return
    this.isPlanned = true
    const flush = (): void => {
      this.isPlanned = false
      this.flush()
    }
    if (document.hidden) setTimeout(flush, hiddenFlushMillis)
    else if (this.isFast.value) setTimeout(flush, fastFlushMillis)
    else requestAnimationFrame(flush)
  }

  flush(): void {
    const messages = this.incoming
    if (messages.length === 0) return
    this.incoming = []
    this.learn(messages)
    this.sample(true)
    this.take(messages)
  }

  get perSecond(): number {
    return this.meter.perSecond
  }

  drop(): void {
    this.incoming = []
  }

  /** Tags are counted, and a sample tells which fields there are. */
  learn(messages: ReadonlyArray<PageMessage>): void {
    this.tags.add(messages)
    const [first] = messages
    if (first === undefined) return
    this.fieldPaths.add(messages.at(-1)!)
    if (messages.length > 1) this.fieldPaths.add(first)
  }

  /** To be called once a second as well, so that a rate falls when nothing comes. What was retained is no rate. */
  sample(isLive: boolean): void {
    const now = performance.now()
    this.meter.sample(this.received, now)
    if (!isLive) return
    this.rates.sample(this.received, now)
    this.isFast.set(isTooFast(this.perSecond, this.isFast.value))
  }
}

/** More than is drawn with each frame; a rate about the bound does not go to and fro. */
export const isTooFast = (perSecond: number, wasTooFast: boolean): boolean =>
  perSecond > (wasTooFast ? fastPerSecond * 0.7 : fastPerSecond)
