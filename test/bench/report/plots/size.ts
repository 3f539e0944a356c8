/** What an operation costs in small and large pools, and in empty and full ones: flat lines are the good news. */
import * as Plot from "@observablehq/plot"
import type { Series } from "../../Entry.js"
import { digits } from "../format.js"
import { draw, ink, type Panel, type Role, width } from "./canvas.js"

const roles: Readonly<Record<string, Role>> = { append: "ours", get: "upstream" }

/** Two neighbours on a logarithmic axis leave no room for both their names. */
const sizeText = (mebibytes: number): string =>
  mebibytes === 1_024 ? "" : mebibytes > 1_024 ? `${mebibytes / 1_024} GiB` : `${mebibytes} MiB`
const countText = (count: number): string => (count >= 1e3 ? `${count / 1e3} k` : String(count))

const panel = (
  series: ReadonlyArray<Series>,
  title: string,
  axis: { readonly label: string; readonly tick: (value: number) => string; readonly highest: number },
  place: Omit<Panel, "options">
): Panel => {
  const points = series.flatMap(({ at = [], name, values }) =>
    values.map((nanos, index) => ({ name, at: at[index]!, micros: nanos / 1e3, color: ink(roles[name] ?? "other") }))
  )
  const ticks = [...new Set(points.map(({ at }) => at))]
  const last = Math.max(...ticks)
  return {
    ...place,
    options: {
      marginLeft: 44,
      marginRight: 58,
      marginTop: 44,
      marginBottom: 44,
      x: {
        type: "log",
        domain: [ticks[0]!, last],
        ticks: [],
        label: axis.label,
        labelAnchor: "center",
        labelArrow: "none",
        tickSize: 0
      },
      y: { domain: [0, axis.highest], label: null, ticks: 5, tickSize: 0 },
      marks: [
        Plot.gridY({ stroke: ink("grid"), strokeOpacity: 1, ticks: 5 }),
        Plot.ruleY([0], { stroke: ink("soft") }),
        // An axis on a logarithmic scale keeps some of its labels to itself.
        Plot.text(ticks, { x: (tick: number) => tick, frameAnchor: "bottom", dy: 16, text: axis.tick }),
        Plot.line(points, { x: "at", y: "micros", z: "name", stroke: "color", strokeWidth: 2.4 }),
        Plot.dot(points, { x: "at", y: "micros", fill: "color", r: 4 }),
        Plot.text(points, {
          x: "at",
          y: "micros",
          text: ({ micros }: { readonly micros: number }) => digits(micros),
          dy: -13,
          fontSize: 11,
          fill: "color"
        }),
        Plot.text(
          points.filter(({ at }) => at === last),
          {
            x: "at",
            y: "micros",
            text: "name",
            dx: 12,
            textAnchor: "start",
            fontSize: 13,
            fontWeight: 600,
            fill: "color"
          }
        ),
        Plot.text([title], {
          frameAnchor: "top-left",
          dx: -40,
          dy: -42,
          fontSize: 13,
          fontWeight: 600,
          fill: ink("ink")
        })
      ]
    }
  }
}

export const sizePlot = (bySize: ReadonlyArray<Series>, byCount: ReadonlyArray<Series>): string => {
  const height = 300
  const each = width / 2 - 30
  const highest = (Math.max(...[...bySize, ...byCount].flatMap(({ values }) => values)) / 1e3) * 1.2
  return draw({
    title: "What size costs",
    howToRead:
      "Medians, in turns over pools whose rings are full and have come round. One vertical axis for both sides.",
    height,
    panels: [
      panel(
        bySize,
        "µs per operation, by size of the pool",
        { label: "pool file, log scale", tick: sizeText, highest },
        { x: 24, y: 0, width: each, height }
      ),
      panel(
        byCount,
        "µs per get of any message, by messages held",
        { label: "messages, log scale", tick: countText, highest },
        { x: 38 + each, y: 0, width: each, height }
      )
    ]
  })
}
