/**
 * Spans and metrics around whatever `Pools` is provided: one span for each call (open, append, get, a tail from its start to
 * its end), never one for each message. Whoever does not provide this layer pays nothing for it.
 *
 * Attributes are those of OpenTelemetry's semantic conventions for messaging, so that dashboards know them.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as Stream from "effect/Stream"
import type { BatchTaker, EncodedPool, TailBatch, TailSelection } from "./EncodedPool.js"
import { make as makePool } from "./Pool.js"
import type { PoolError } from "./PoolError.js"
import { display } from "./PoolRef.js"
import { Pools } from "./Pools.js"

/**
 * Messages appended, by pool.
 *
 * @since 0.1.0
 * @category metrics
 */
export const appendedMessages = Metric.counter("plasmite_pool_appended_messages_total", {
  description: "Messages appended",
  incremental: true
})

/**
 * Bytes of the payloads appended, by pool.
 *
 * @since 0.1.0
 * @category metrics
 */
export const appendedBytes = Metric.counter("plasmite_pool_appended_bytes_total", {
  description: "Bytes of the payloads appended",
  incremental: true
})

/**
 * How long an append took, whether of one message or of many, by pool.
 *
 * @since 0.1.0
 * @category metrics
 */
export const appendSeconds = Metric.histogram(
  "plasmite_pool_append_seconds",
  MetricBoundaries.fromIterable([5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 1e-2, 0.1, 1]),
  "Time that an append took"
)

/**
 * Messages that tails passed on, by pool.
 *
 * @since 0.1.0
 * @category metrics
 */
export const tailedMessages = Metric.counter("plasmite_pool_tailed_messages_total", {
  description: "Messages passed on by tails",
  incremental: true
})

/**
 * Messages that were overwritten before a tail could pass them on, by pool.
 *
 * @since 0.1.0
 * @category metrics
 */
export const lostMessages = Metric.counter("plasmite_pool_lost_messages_total", {
  description: "Messages overwritten before a tail could pass them on",
  incremental: true
})

/**
 * Operations that failed, by pool and reason.
 *
 * @since 0.1.0
 * @category metrics
 */
export const failures = Metric.counter("plasmite_pool_failures_total", {
  description: "Operations that failed",
  incremental: true
})

/** The pool with every operation seen. */
const observe = (encoded: EncodedPool): EncodedPool => {
  const { forEachBatch, name } = encoded
  const labelled = {
    appendedMessages: Metric.tagged(appendedMessages, "pool", name),
    appendedBytes: Metric.tagged(appendedBytes, "pool", name),
    appendSeconds: Metric.tagged(appendSeconds, "pool", name),
    tailedMessages: Metric.tagged(tailedMessages, "pool", name),
    lostMessages: Metric.tagged(lostMessages, "pool", name)
  }

  const countTailed = ({ gap, messages }: TailBatch): Effect.Effect<void> => {
    const passedOn = Metric.incrementBy(labelled.tailedMessages, messages.length)
    return gap === undefined
      ? passedOn
      : Effect.zipRight(Metric.incrementBy(labelled.lostMessages, gap.found - gap.expected), passedOn)
  }

  /** Nothing is counted before the messages are where they are wanted. */
  const countedAfter =
    (take: BatchTaker): BatchTaker =>
    (batch) => {
      const rest = take(batch)
      const counted = countTailed(batch)
      return rest === undefined ? counted : Effect.zipRight(counted, rest)
    }

  return {
    ...encoded,
    append: (payloads, durability) => {
      const bytes = payloads.reduce((sum, { length }) => sum + length, 0)
      const counted = Effect.tap(encoded.append(payloads, durability), ({ count }) =>
        Effect.zipRight(
          Metric.incrementBy(labelled.appendedMessages, count),
          Metric.incrementBy(labelled.appendedBytes, bytes)
        )
      )
      return seen(Metric.trackDurationWith(counted, labelled.appendSeconds, Duration.toSeconds), "append", name, {
        "messaging.operation.type": "send",
        "messaging.batch.message_count": payloads.length,
        "messaging.message.body.size": bytes,
        "plasmite.durability": durability
      })
    },
    appendKeyed: (messages, durability) => {
      const bytes = messages.reduce((sum, { payload }) => sum + payload.length, 0)
      const counted = Effect.tap(encoded.appendKeyed(messages, durability), ({ messages: appended }) => {
        const fresh = appended.filter(({ repeated }) => !repeated)
        return Effect.all([
          Metric.incrementBy(labelled.appendedMessages, fresh.length),
          Metric.incrementBy(
            labelled.appendedBytes,
            fresh.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0)
          ),
          Effect.annotateCurrentSpan("plasmite.repeated", appended.length - fresh.length)
        ])
      })
      return seen(Metric.trackDurationWith(counted, labelled.appendSeconds, Duration.toSeconds), "append", name, {
        "messaging.operation.type": "send",
        "messaging.batch.message_count": messages.length,
        "messaging.message.body.size": bytes,
        "plasmite.durability": durability
      })
    },
    get: (seq) => seen(encoded.get(seq), "get", name, receivedOne(seq)),
    getWith: (seq, use) => seen(encoded.getWith(seq, use), "get", name, receivedOne(seq)),
    tail: (selection, payloads) =>
      encoded.tail(selection, payloads).pipe(
        Stream.tap(countTailed),
        Stream.tapError((error) => countFailure(error, name)),
        Stream.withSpan("plasmite.tail", {
          kind: "consumer",
          attributes: tailAttributes(name, selection)
        })
      ),
    ...(forEachBatch && {
      forEachBatch: (selection: TailSelection, take: BatchTaker) =>
        forEachBatch(selection, countedAfter(take)).pipe(
          Effect.tapError((error) => countFailure(error, name)),
          Effect.withSpan("plasmite.tail", { kind: "consumer", attributes: tailAttributes(name, selection) })
        )
    }),
    info: seen(encoded.info, "info", name)
  }
}

const attributes = (pool: string, operation: string) => ({
  "messaging.system": "plasmite",
  "messaging.destination.name": pool,
  "messaging.operation.name": operation
})

const tailAttributes = (pool: string, { from = "now", where }: TailSelection) => ({
  ...attributes(pool, "tail"),
  "messaging.operation.type": "receive",
  "plasmite.tail.from": fromText(from),
  ...(where === undefined ? {} : { "plasmite.tail.where": where.join(" and ") })
})

const receivedOne = (seq: number) => ({ "messaging.operation.type": "receive", "messaging.message.id": seq })

/** One span, and a count of the failure if it comes to that. */
const seen = <A, R>(
  effect: Effect.Effect<A, PoolError, R>,
  operation: string,
  pool: string,
  more: Record<string, unknown> = {}
): Effect.Effect<A, PoolError, R> =>
  Effect.withSpan(
    Effect.tapError(effect, (error) => countFailure(error, pool)),
    `plasmite.${operation}`,
    {
      kind: operation === "append" ? "producer" : "client",
      attributes: { ...attributes(pool, operation), ...more }
    }
  )

const countFailure = ({ reason }: PoolError, pool: string): Effect.Effect<void> =>
  Effect.zipRight(
    Effect.annotateCurrentSpan("error.type", reason),
    Metric.increment(Metric.tagged(Metric.tagged(failures, "pool", pool), "reason", reason))
  )

const fromText = (from: unknown): string =>
  typeof from === "string" ? from : JSON.stringify(from, (_, value: unknown) => toText(value))

const toText = (value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value)

/**
 * The same pools, observed.
 *
 * @example
 * ```ts
 * import { ObservedPools } from "effect-plasmite"
 * import { NodePools } from "effect-plasmite/node"
 * import { Layer } from "effect"
 *
 * const pools = ObservedPools.layer.pipe(Layer.provide(NodePools.layer()))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Pools, never, Pools> = Layer.effect(
  Pools,
  Effect.map(Pools, (pools) => ({
    ...pools,
    open: (ref, options) =>
      Effect.map(seen(pools.open(ref, options), "open", display(ref)), ({ encoded }) => makePool(observe(encoded))),
    create: (ref, options) => seen(pools.create(ref, options), "create", display(ref)),
    info: (ref) => seen(pools.info(ref), "info", display(ref)),
    remove: (ref) => seen(pools.remove(ref), "remove", display(ref)),
    verify: (ref) => seen(pools.verify(ref), "verify", display(ref)),
    repair: (ref, options) => seen(pools.repair(ref, options), "repair", display(ref))
  }))
)
