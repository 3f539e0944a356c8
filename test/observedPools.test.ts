/**
 * What tracing and metrics see of pools, through the standard layer of `@effect/opentelemetry`; and that nothing is seen,
 * hence nothing paid, where the layer is not provided.
 */
import { assert, describe, it } from "@effect/vitest"
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base"
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import type * as MetricState from "effect/MetricState"
import * as Stream from "effect/Stream"
import * as MemoryPools from "../layers/MemoryPools.js"
import { immediateOf } from "../src/internal/immediate.js"
import * as ObservedPools from "../src/ObservedPools.js"
import { Pools } from "../src/Pools.js"

const use = (name: string) =>
  Effect.gen(function* () {
    const pools = yield* Pools
    const pool = yield* pools.open(name, { create: { sizeBytes: 65536 } })
    yield* pool.append({ n: 1 })
    yield* pool.appendAll([{ data: { n: 2 } }, { data: { n: 3 } }])
    yield* pool.get(2)
    yield* Effect.flip(pool.get(99))
    yield* Stream.runDrain(pool.tail({ from: "oldest", follow: false }))
    yield* pool.info
  }).pipe(Effect.scoped)

/** The spans that are finished when the program is. */
const spansOf = async (
  program: Effect.Effect<void, unknown, Pools>,
  layer: Layer.Layer<Pools>
): Promise<ReadonlyArray<ReadableSpan>> => {
  const exporter = new InMemorySpanExporter()
  const tracing = NodeSdk.layer(() => ({
    resource: { serviceName: "test" },
    spanProcessor: new SimpleSpanProcessor(exporter)
  }))
  let spans: ReadonlyArray<ReadableSpan> = []
  await program.pipe(
    Effect.withSpan("program"),
    Effect.ensuring(Effect.sync(() => void (spans = exporter.getFinishedSpans()))),
    Effect.provide(Layer.merge(layer, tracing)),
    Effect.runPromise
  )
  // The last span ends as the program does.
  return [...spans]
}

const observed = ObservedPools.layer.pipe(Layer.provide(MemoryPools.layer()))

const count = (metric: Metric.Metric.Counter<number>, pool: string) =>
  Effect.map(
    Metric.value(Metric.tagged(metric, "pool", pool)),
    (state: MetricState.MetricState.Counter<number>) => state.count
  )

describe("ObservedPools", () => {
  it("is not passed by where pools are used without a fiber: the short way is the bare pool's alone", async () => {
    const shortWay = Effect.scoped(
      Effect.flatMap(Pools, (pools) =>
        Effect.map(pools.open("short", { create: { sizeBytes: 65536 } }), ({ encoded }) => immediateOf(encoded))
      )
    )
    assert.isDefined(await Effect.runPromise(Effect.provide(shortWay, MemoryPools.layer())))
    assert.isUndefined(await Effect.runPromise(Effect.provide(shortWay, observed)))
  })

  it("gives each call one span with OpenTelemetry's attributes, whatever the number of messages", async () => {
    const spans = await spansOf(use("spans"), observed)
    const ours = spans.filter(({ name }) => name.startsWith("plasmite."))
    assert.deepStrictEqual(
      ours.map(({ name }) => name),
      [
        "plasmite.open",
        "plasmite.append",
        "plasmite.append",
        "plasmite.get",
        "plasmite.get",
        "plasmite.tail",
        "plasmite.info"
      ]
    )
    const [open, , batch, , missing, tail] = ours
    for (const span of ours) {
      assert.strictEqual(span.attributes["messaging.system"], "plasmite")
      assert.strictEqual(span.attributes["messaging.destination.name"], "spans")
      assert.strictEqual(span.spanContext().traceId, open!.spanContext().traceId)
    }
    assert.strictEqual(batch!.attributes["messaging.batch.message_count"], 2)
    assert.strictEqual(missing!.attributes["error.type"], "NotFound")
    assert.isTrue(missing!.events.some(({ name }) => name === "exception"))
    assert.strictEqual(tail!.attributes["plasmite.tail.from"], "oldest")
  })

  it("sees nothing where the layer is not provided", async () => {
    const spans = await spansOf(use("quiet"), MemoryPools.layer())
    assert.deepStrictEqual(
      spans.filter(({ name }) => name !== "program"),
      []
    )
  })

  it.effect("counts messages, bytes, losses and failures by pool", () =>
    Effect.gen(function* () {
      yield* use("counted")
      assert.strictEqual(yield* count(ObservedPools.appendedMessages, "counted"), 3)
      assert.strictEqual(yield* count(ObservedPools.tailedMessages, "counted"), 3)
      assert.strictEqual(yield* count(ObservedPools.lostMessages, "counted"), 0)
      assert.isAbove(yield* count(ObservedPools.appendedBytes, "counted"), 100)
      const failures = Metric.tagged(Metric.tagged(ObservedPools.failures, "pool", "counted"), "reason", "NotFound")
      assert.strictEqual((yield* Metric.value(failures)).count, 1)
      const appends = yield* Metric.value(Metric.tagged(ObservedPools.appendSeconds, "pool", "counted"))
      assert.strictEqual(appends.count, 2)

      // A message that the ring forgot before the tail began is lost to it.
      const pools = yield* Pools
      const pool = yield* pools.open("counted")
      const filler = { data: { text: "x".repeat(1000) } }
      yield* pool.appendAll(Array.from({ length: 30 }, () => filler))
      yield* pool.appendAll(Array.from({ length: 30 }, () => filler))
      const { bounds } = yield* pool.info
      assert.isAbove(bounds.oldest!, 1)
      yield* Stream.runDrain(pool.tail({ from: { seq: 1 }, follow: false }))
      assert.strictEqual(yield* count(ObservedPools.lostMessages, "counted"), bounds.oldest! - 1)
    }).pipe(Effect.scoped, Effect.provide(observed))
  )

  it("takes a forEach for the tail that it is", async () => {
    const given: Array<number> = []
    const tailed = Effect.gen(function* () {
      const pool = yield* (yield* Pools).open("given", { create: { sizeBytes: 65536 } })
      yield* pool.appendAll([{ data: { n: 1 } }, { data: { n: 2 } }])
      yield* pool.forEach(({ seq }) => given.push(seq), { from: "oldest", follow: false })
      yield* Effect.flip(pool.forEach(() => {}, { from: "oldest", where: ["nonsense ("] }))
    }).pipe(Effect.scoped)
    const spans = await spansOf(tailed, observed)
    const tails = spans.filter(({ name }) => name === "plasmite.tail")
    assert.deepStrictEqual(
      tails.map(({ attributes }) => [attributes["plasmite.tail.from"], attributes["error.type"]]),
      [
        ["oldest", undefined],
        ["oldest", "Usage"]
      ]
    )
    assert.deepStrictEqual(given, [1, 2])
    assert.strictEqual(await Effect.runPromise(count(ObservedPools.tailedMessages, "given")), 2)
  })
})
