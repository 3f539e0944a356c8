/**
 * What the server counts, as Effect metrics: they belong to the process, and two servers in one add up. Updated without
 * an Effect around it, since some are on the path of every request.
 */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import * as MetricLabel from "effect/MetricLabel"

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

export const appendedMessages = counter("plasmite_appended_messages_total", "Messages appended through this server")
export const appendedBytes = counter("plasmite_appended_bytes_total", "Bytes of the payloads appended")
export const deliveredMessages = counter("plasmite_tail_messages_total", "Messages written to tails")
export const tailsOpened = counter("plasmite_tails_opened_total", "Tails begun")
export const tailsStalled = counter("plasmite_tails_stalled_total", "Tails cut because their client read nothing")
export const droppedMessages = counter(
  "plasmite_tail_dropped_messages_total",
  "Messages that were overwritten before a tail could deliver them"
)
export const busyRefusals = counter("plasmite_busy_total", "Requests refused with 423")
export const openTails = Metric.gauge("plasmite_tails_open", { description: "Tails open now" })
export const openConnections = Metric.gauge("plasmite_connections_open", { description: "Connections open now" })
export const openPools = Metric.gauge("plasmite_pools_open", { description: "Pools that the server holds open" })

const requests = MetricKey.counter("plasmite_http_requests_total", {
  description: "Requests answered",
  incremental: true
})
const seconds = MetricKey.histogram(
  "plasmite_http_request_seconds",
  MetricBoundaries.fromIterable([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]),
  "Time from a request's head to the end of its response; tails are left out"
)

export const add = (metric: Metric.Metric.Counter<number>, amount: number): void => metric.unsafeUpdate(amount, [])
export const set = (metric: Metric.Metric.Gauge<number>, value: number): void => metric.unsafeUpdate(value, [])

interface RouteMetrics {
  readonly byStatus: Map<number, Metric.Metric.Counter<number>>
  readonly seconds: Metric.Metric.Histogram<number>
}
const byRoute = new Map<string, RouteMetrics>()

/**
 * `elapsedMillis` of a response that says how long the server took; a tail's does not. The labels are part of the keys:
 * `Metric.tagged` would build a key anew at each update.
 */
export const requestAnswered = (route: string, status: number, elapsedMillis: number | undefined): void => {
  let known = byRoute.get(route)
  if (known === undefined) {
    const key = MetricKey.taggedWithLabels(seconds, [MetricLabel.make("route", route)])
    known = { byStatus: new Map(), seconds: Metric.fromMetricKey(key) }
    byRoute.set(route, known)
  }
  let counted = known.byStatus.get(status)
  if (counted === undefined) {
    const labels = [MetricLabel.make("route", route), MetricLabel.make("status", String(status))]
    counted = Metric.fromMetricKey(MetricKey.taggedWithLabels(requests, labels))
    known.byStatus.set(status, counted)
  }
  add(counted, 1)
  if (elapsedMillis !== undefined) known.seconds.unsafeUpdate(elapsedMillis / 1000, [])
}
