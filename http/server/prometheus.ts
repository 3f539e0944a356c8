/**
 * Effect's metrics as the text that Prometheus reads: those of the server, and whatever else the program counts.
 */
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"
import type * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"

interface Family {
  readonly description: string | undefined
  readonly kind: "counter" | "gauge" | "histogram" | "summary"
  readonly lines: Array<string>
}

export const prometheusText = (): string => {
  const families = new Map<string, Family>()
  for (const { metricKey, metricState } of Metric.unsafeSnapshot()) {
    const name = metricKey.name.replace(/[^a-zA-Z0-9_:]/g, "_")
    const kind = kindOf(metricState)
    let family = families.get(name)
    if (family === undefined) {
      family = { description: Option.getOrUndefined(metricKey.description), kind, lines: [] }
      families.set(name, family)
    }
    // Two metrics of one name and different kinds would make the page unreadable.
    if (family.kind === kind) describe(family.lines, name, metricKey.tags, metricState)
  }
  let text = ""
  for (const [name, { description, kind, lines }] of [...families].sort(([left], [right]) => (left < right ? -1 : 1))) {
    if (description !== undefined) text += `# HELP ${name} ${description.replaceAll(/[\n\\]/g, " ")}\n`
    text += `# TYPE ${name} ${kind}\n${lines.join("\n")}\n`
  }
  return text
}

const kindOf = (state: MetricState.MetricState.Untyped): Family["kind"] => {
  if (MetricState.isHistogramState(state)) return "histogram"
  if (MetricState.isSummaryState(state)) return "summary"
  return MetricState.isGaugeState(state) ? "gauge" : "counter"
}

const describe = (
  lines: Array<string>,
  name: string,
  tags: ReadonlyArray<MetricLabel.MetricLabel>,
  state: MetricState.MetricState.Untyped
): void => {
  const labels = tags.map(({ key, value }) => label(key, value))
  const line = (suffix: string, value: number | bigint, ...more: ReadonlyArray<string>): void => {
    const all = [...labels, ...more]
    lines.push(`${name}${suffix}${all.length === 0 ? "" : `{${all.join(",")}}`} ${value}`)
  }
  if (MetricState.isCounterState(state)) line("", state.count)
  else if (MetricState.isGaugeState(state)) line("", state.value)
  else if (MetricState.isFrequencyState(state)) {
    for (const [value, count] of state.occurrences) line("", count, label("value", value))
  } else if (MetricState.isHistogramState(state)) {
    for (const [boundary, count] of state.buckets) {
      line(
        "_bucket",
        count,
        label("le", Number.isFinite(boundary) && boundary < Number.MAX_VALUE ? String(boundary) : "+Inf")
      )
    }
    line("_count", state.count)
    line("_sum", state.sum)
  } else if (MetricState.isSummaryState(state)) {
    for (const [quantile, value] of state.quantiles) {
      if (Option.isSome(value)) line("", value.value, label("quantile", String(quantile)))
    }
    line("_count", state.count)
    line("_sum", state.sum)
  }
}

const label = (key: string, value: string): string =>
  `${key.replace(/[^a-zA-Z0-9_]/g, "_")}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`
