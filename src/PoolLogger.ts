/**
 * Effect's logs as messages of a pool, where every process can follow, filter and look back at them: `pls peek logs --tag
 * error`. Lines are appended in batches behind the program's back; a program never waits for its log, and never fails
 * because of it.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { toLoggable } from "./internal/loggable.js"
import type { JsonObject, JsonValue } from "./Message.js"
import type { NewMessage, Pool } from "./Pool.js"
import type { PoolError } from "./PoolError.js"
import type { PoolRef } from "./PoolRef.js"
import type { OpenOptions } from "./Pools.js"
import { Pools } from "./Pools.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface LoggerOptions {
  /** Tags of every line, besides its level. */
  readonly tags?: ReadonlyArray<string>
  /** Lines that wait to be appended; more are dropped, and a line says how many. Default: 10,000. */
  readonly capacity?: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface LayerOptions extends LoggerOptions, OpenOptions {
  /** Instead of the default logger, not beside it. Default: false. */
  readonly replaceDefault?: boolean
}

const defaultCapacity = 10_000
const batchSize = 256

/**
 * A logger that appends to the pool until the scope closes; what was logged before that is in the pool then.
 *
 * A line is `{ level, message, fiber, cause?, annotations?, spans? }`, spans in milliseconds, and carries its level in lower case as
 * a tag. What has no JSON is replaced by words, never refused.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  pool: Pool,
  options: LoggerOptions = {}
): Effect.Effect<Logger.Logger<unknown, void>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Queue.dropping<NewMessage>(options.capacity ?? defaultCapacity)
    const appender = new Appender(pool)
    const drainOnce = Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(Queue.takeBetween(queue, 1, batchSize)), (lines) => appender.append(lines))
    )
    const rest = Effect.flatMap(Queue.takeAll(queue), (lines) =>
      Effect.forEach(Arr.chunksOf(lines, batchSize), (batch) => appender.append(batch), { discard: true })
    )
    yield* Effect.addFinalizer(() => rest)
    yield* Effect.forkScoped(onlyDefaultLogger(Effect.forever(drainOnce)))
    return Logger.make((line) => {
      if (!queue.unsafeOffer(toMessage(line, options.tags ?? []))) appender.dropped++
    })
  })

/** What goes wrong with the log is said where logs usually go: a line about it in the pool would be about itself. */
const onlyDefaultLogger = Effect.locally(FiberRef.currentLoggers, HashSet.make(Logger.defaultLogger))

class Appender {
  dropped = 0
  private failing = false

  constructor(private readonly pool: Pool) {}

  append(lines: Iterable<NewMessage>): Effect.Effect<void> {
    const batch = Array.from(lines)
    if (this.dropped > 0) batch.push(droppedLine(this.dropped))
    this.dropped = 0
    if (batch.length === 0) return Effect.void
    return Effect.matchEffect(this.pool.appendAll(batch), {
      onSuccess: () => Effect.sync(() => void (this.failing = false)),
      // One line of the batch may be too much for the pool: then it alone is left out.
      onFailure: (error) =>
        error.reason === "Usage" && batch.length > 1
          ? Effect.forEach(batch, (line) => this.append([line]), { discard: true })
          : this.say(error, batch.length)
    })
  }

  /** Once for a row of failures: a full disk would fill the terminal as well. */
  private say(error: PoolError, lines: number): Effect.Effect<void> {
    if (this.failing) return Effect.void
    this.failing = true
    return onlyDefaultLogger(
      Effect.logWarning(`${lines} log lines could not be appended to pool ${this.pool.name}: ${error.message}`)
    )
  }
}

const droppedLine = (count: number): NewMessage => ({
  data: { level: "WARN", message: `${count} log lines were dropped: more came than could be appended` },
  tags: ["warn"]
})

const toMessage = (
  { annotations, cause, date, fiberId, logLevel, message, spans }: Logger.Logger.Options<unknown>,
  tags: ReadonlyArray<string>
): NewMessage => {
  const parts = Arr.ensure(message)
  const line: Record<string, JsonValue> = {
    level: logLevel.label,
    message: parts.length === 1 ? toLoggable(parts[0]) : parts.map(toLoggable),
    fiber: FiberId.threadName(fiberId)
  }
  if (!Cause.isEmpty(cause)) line["cause"] = Cause.pretty(cause, { renderErrorCause: true })
  if (HashMap.size(annotations) > 0) line["annotations"] = toLoggable(Object.fromEntries(annotations))
  const spanMillis = Array.from(spans, ({ label, startTime }): [string, number] => [label, date.getTime() - startTime])
  if (spanMillis.length > 0) line["spans"] = Object.fromEntries(spanMillis)
  return { data: line satisfies JsonObject, tags: [logLevel.label.toLowerCase(), ...tags] }
}

/**
 * Everything that the program logs is also in the pool.
 *
 * @example
 * ```ts
 * import { PoolLogger } from "effect-plasmite"
 * import { NodePools } from "effect-plasmite/node"
 * import { Effect, Layer } from "effect"
 *
 * const logging = PoolLogger.layer("logs", { create: true }).pipe(Layer.provide(NodePools.layer()))
 *
 * const program = Effect.logError("disk is full").pipe(Effect.annotateLogs("host", "db1"), Effect.provide(logging))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (ref: PoolRef, options: LayerOptions = {}): Layer.Layer<never, PoolError, Pools> => {
  const logger = Effect.gen(function* () {
    const pools = yield* Pools
    return yield* make(yield* pools.open(ref, options), options)
  })
  return options.replaceDefault === true ? Logger.replaceScoped(Logger.defaultLogger, logger) : Logger.addScoped(logger)
}
