/**
 * The read path of a pool on another machine: a chain of short streams that is one to its reader. The position is the number
 * of the next message; whatever happens to a connection, the next stream asks for that number, so nothing is missed and
 * nothing comes twice. What the server no longer has is a gap, reported before any filter could hide it.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { IncomingMessage } from "node:http"
import type { StoredMessage, TailBatch } from "../../src/EncodedPool.js"
import { connectionError } from "../../src/internal/serverAddress.js"
import type { Selector } from "../../src/internal/selectMessages.js"
import { selectMessages } from "../../src/internal/selectMessages.js"
import { isPoolError, PoolError } from "../../src/PoolError.js"
import type { PoolBounds, PoolInfo } from "../../src/PoolInfo.js"
import { FrameDecoder } from "../frames.js"
import { isPassing, Pauses } from "./passing.js"
import { LineDecoder, type Received } from "./serverFilter.js"
import type { Wire } from "./Wire.js"

export interface RemoteTailPlan {
  /** `undefined`: the oldest that is retained. */
  readonly start: number | undefined
  /** Whether what is gone before the first message counts as lost. */
  readonly reportFirstGap: boolean
  /** Read up to this message, then end; `undefined` follows for ever. */
  readonly end: number | undefined
  readonly wanted: (message: StoredMessage) => boolean
  /** Parameters by which the server leaves out what is not wanted; only where nothing ends by a number. */
  readonly serverFilter: string | undefined
}

export interface RemoteSource {
  readonly wire: Wire
  readonly name: string
  readonly about: string
  /** Of the pool's routes, encoded. */
  readonly base: string
  readonly info: Effect.Effect<PoolInfo, PoolError>
  readonly reconnect: boolean
}

type Pulled = Effect.Effect<Chunk.Chunk<TailBatch>, Option.Option<PoolError>>

const maxPayloadBytes = 256 * 1024 * 1024
/** A server that ends streams at once is not asked again at once. */
const emptyRoundPauseMillis = 50

interface Connection {
  readonly scope: Scope.CloseableScope
  readonly pieces: AsyncIterator<Buffer>
  readonly decode: (piece: Buffer) => Received
  readonly isInside: () => boolean
  received: boolean
}

export class RemoteTail {
  private next: number | undefined
  private connection: Connection | undefined
  private readonly pauses = new Pauses()
  private ready: Array<TailBatch> = []
  private failure: PoolError | undefined
  /** The last round brought nothing: perhaps there is no such pool any more, or another one. */
  private doubtful = false
  /** What the server leaves out; nothing any more after it failed where this side may not, or can tell more. */
  private serverFilter: string | undefined
  /**
   * The server looked at all that the pool does not hold any more, though it may not have sent it: a stream that ended well was
   * never overtaken. After a lost connection, everything behind our last message may be lost with it.
   */
  private examined = false
  /** A connection was lost since the last message, and the server's word on how far it had looked with it. */
  private lost = false
  private gapPolicy: "error" | "continue" = "error"

  constructor(
    private readonly source: RemoteSource,
    private readonly plan: RemoteTailPlan,
    private readonly selector: Selector
  ) {
    this.next = plan.start
    this.serverFilter = plan.serverFilter
  }

  readonly pull: Pulled = Effect.suspend(() => {
    if (this.ready.length > 0) return Effect.succeed(Chunk.unsafeFromArray(this.ready.splice(0)))
    if (this.failure !== undefined) return Effect.fail(Option.some(this.failure))
    if (this.plan.end !== undefined && (this.next ?? 0) > this.plan.end) return Effect.fail(Option.none())
    return Effect.zipRight(Effect.mapError(this.step, Option.some), this.pull)
  })

  /** Closes the connection, if there is one. */
  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    const { connection } = this
    this.connection = undefined
    return connection === undefined ? Effect.void : Scope.close(connection.scope, Exit.void)
  })

  private readonly step: Effect.Effect<void, PoolError> = Effect.suspend(() =>
    this.connection === undefined ? this.connect : this.receive(this.connection)
  )

  private readonly connect: Effect.Effect<void, PoolError> = Effect.suspend(() => {
    const start = this.next === undefined ? "" : `since_seq=${this.next}`
    const target =
      this.serverFilter === undefined
        ? `tail_lite3?${start}`
        : `tail?${start}&gap_policy=${this.gapPolicy}&${this.serverFilter}`
    const opened = Effect.flatMap(Scope.make(), (scope) =>
      Effect.matchEffect(
        Scope.extend(this.source.wire.stream(`${this.source.base}/${target}`, this.source.about), scope),
        {
          onFailure: (error) => Effect.zipRight(Scope.close(scope, Exit.void), this.recover(error)),
          onSuccess: (incoming) => Effect.sync(() => this.connected(scope, incoming))
        }
      )
    )
    if (!this.doubtful) return opened
    return Effect.matchEffect(this.checkPool, {
      onFailure: (error) => (isPassing(error) ? this.pause(error) : Effect.fail(error)),
      onSuccess: () => opened
    })
  })

  private connected(scope: Scope.CloseableScope, incoming: IncomingMessage): void {
    const pieces = incoming[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    if (this.serverFilter === undefined) {
      const decoder = new FrameDecoder(maxPayloadBytes)
      const decode = (piece: Buffer): Received => ({ messages: decoder.push(piece), failure: undefined })
      this.connection = { scope, pieces, decode, isInside: () => decoder.isInsideFrame, received: false }
    } else {
      const decoder = new LineDecoder(this.source.about)
      const decode = (piece: Buffer): Received => decoder.push(piece)
      this.connection = { scope, pieces, decode, isInside: () => decoder.isInside, received: false }
    }
  }

  private receive(connection: Connection): Effect.Effect<void, PoolError> {
    const piece = Effect.tryPromise({
      try: () => connection.pieces.next(),
      catch: (error) => connectionError(this.source.wire.url, error as NodeJS.ErrnoException)
    })
    return Effect.matchEffect(piece, {
      onFailure: (error) => Effect.zipRight(this.close, this.recover(error)),
      onSuccess: (result) => {
        if (result.done === true) return this.ended(connection)
        return this.accept(connection, result.value)
      }
    })
  }

  private accept(connection: Connection, piece: Buffer): Effect.Effect<void, PoolError> {
    return Effect.suspend(() => {
      let received: Received
      try {
        received = connection.decode(piece)
      } catch (error) {
        return isPoolError(error) ? Effect.fail(error) : Effect.die(error)
      }
      const { failure, messages } = received
      const failed =
        failure === undefined
          ? Effect.void
          : Effect.zipRight(
              this.close,
              Effect.suspend(() => this.recover(failure))
            )
      if (messages.length === 0) return failed
      connection.received = true
      this.doubtful = false
      this.examined = false
      this.lost = false
      this.pauses.reset()
      return Effect.zipRight(
        Effect.forEach(this.batches(messages), (batch) => this.judge(batch), { discard: true }),
        failed
      )
    })
  }

  /** A normal end: the server lets no stream live for ever. */
  private ended(connection: Connection): Effect.Effect<void, PoolError> {
    if (connection.isInside()) {
      const error = new PoolError({
        reason: "Io",
        message: "the stream ended within a message",
        path: this.source.about
      })
      return Effect.zipRight(this.close, this.recover(error))
    }
    this.examined = true
    if (connection.received) this.gapPolicy = "error"
    this.doubtful = !connection.received
    return this.doubtful ? Effect.zipRight(this.close, Effect.sleep(emptyRoundPauseMillis)) : this.close
  }

  /** What a stream that the server filtered failed with, other than that its connection was lost. */
  private filteredFailed(error: PoolError): Effect.Effect<void, PoolError> {
    const missing = error.reason === "RetentionGap" ? (error.seq ?? this.next) : undefined
    if (missing === undefined) {
      // A filter that took too long, damage, a server that knows less than it said: this side can tell, or go on.
      this.serverFilter = undefined
      return Effect.void
    }
    // From the oldest message on, and that moves: the next stream may begin behind it.
    this.gapPolicy = "continue"
    if (this.examined) return Effect.void
    return Effect.flatMap(this.checkPool, ({ oldest = 0 }) => {
      const found = Math.max(oldest, missing + 1)
      const isUpperBound = this.lost && missing === this.next
      this.next = found
      const gap = { expected: missing, found, ...(isUpperBound ? { isUpperBound } : {}) }
      return this.judge({ gap, messages: [], damage: undefined })
    })
  }

  /**
   * After a connection that was cut or never came. Frames have no word for why, so the pool is asked about; the message at
   * our position may be damaged, and then we pass over it.
   */
  private recover(error: PoolError): Effect.Effect<void, PoolError> {
    if (this.serverFilter !== undefined && !isPassing(error) && isAboutStream(error)) return this.filteredFailed(error)
    if (error.reason === "Corrupt" && this.next !== undefined) return this.passDamage(error, this.next)
    if (!isPassing(error)) return Effect.fail(error)
    if (error.reason !== "Busy") {
      this.examined = false
      this.lost = true
    }
    return Effect.matchEffect(this.checkPool, {
      onFailure: (failure) => (isPassing(failure) ? this.pause(failure) : Effect.fail(failure)),
      // The server is there and has the pool: a stream that was cut is taken up again, one that was refused later.
      onSuccess: () => (error.reason === "Busy" || this.doubtful ? this.pause(error) : this.suspect)
    })
  }

  private readonly suspect: Effect.Effect<void> = Effect.sync(() => {
    this.doubtful = true
  })

  private pause(error: PoolError): Effect.Effect<void, PoolError> {
    return this.source.reconnect ? this.pauses.next : Effect.fail(error)
  }

  /** Fails when the pool is gone, or is another one than we began with. */
  private readonly checkPool: Effect.Effect<PoolBounds, PoolError> = Effect.suspend(() =>
    Effect.flatMap(this.source.info, ({ bounds }) => {
      const newest = bounds.newest ?? 0
      return this.next !== undefined && this.next > newest + 1 && this.next !== this.plan.start
        ? Effect.fail(
            new PoolError({
              reason: "NotFound",
              message: `pool ${this.source.name} was deleted or replaced while it was followed`,
              hint: "Follow it anew, from the oldest message.",
              path: this.source.about
            })
          )
        : Effect.succeed(bounds)
    })
  )

  private passDamage(error: PoolError, seq: number): Effect.Effect<void, PoolError> {
    // A pool that is damaged as a whole fails here.
    return Effect.flatMap(this.checkPool, () => {
      this.next = seq + 1
      const damage = new PoolError({ ...facts(error), seq })
      return this.judge({ gap: undefined, messages: [], damage })
    })
  }

  /** Cut at each gap; what came before, or is not wanted, is left out. */
  private batches(frames: ReadonlyArray<StoredMessage>): ReadonlyArray<TailBatch> {
    const { end, reportFirstGap, wanted } = this.plan
    const batches: Array<TailBatch> = []
    let gap: TailBatch["gap"]
    let messages: Array<StoredMessage> = []
    for (const frame of frames) {
      const expected = this.next
      if (expected !== undefined && frame.seq < expected) continue
      if (end !== undefined && frame.seq > end) {
        this.next = frame.seq + 1
        break
      }
      const isTold = this.serverFilter === undefined
      if (
        isTold &&
        expected !== undefined &&
        frame.seq > expected &&
        (reportFirstGap || expected !== this.plan.start)
      ) {
        if (gap !== undefined || messages.length > 0) batches.push({ gap, messages, damage: undefined })
        gap = { expected, found: frame.seq }
        messages = []
      }
      this.next = frame.seq + 1
      if (wanted(frame)) messages.push(frame)
    }
    if (gap !== undefined || messages.length > 0) batches.push({ gap, messages, damage: undefined })
    return batches
  }

  private judge(batch: TailBatch): Effect.Effect<void, PoolError> {
    return Effect.flatMap(selectMessages(this.selector, batch.messages), ({ damage, filterError, messages, rest }) => {
      if (this.failure !== undefined) return Effect.void
      this.failure = filterError
      const problem = damage ?? (rest.length === 0 && filterError === undefined ? batch.damage : undefined)
      if (batch.gap !== undefined || messages.length > 0 || problem !== undefined) {
        this.ready.push({ gap: batch.gap, messages, damage: problem })
      }
      return rest.length === 0 ? Effect.void : this.judge({ gap: undefined, messages: rest, damage: batch.damage })
    })
  }
}

/** Rather about what was asked for than about who asks, or where. */
const isAboutStream = ({ reason }: PoolError): boolean => reason !== "Permission" && reason !== "NotFound"

const facts = ({ causes, hint, message, offset, path, reason }: PoolError) => ({
  reason,
  message,
  ...(hint === undefined ? {} : { hint }),
  ...(path === undefined ? {} : { path }),
  ...(offset === undefined ? {} : { offset }),
  ...(causes === undefined ? {} : { causes })
})
