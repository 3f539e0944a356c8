/** Whole processes, run by run: a faint dot for each, a line for the median, and what that is in Nodes. */
import * as Plot from "@observablehq/plot"
import type { Series } from "../../Entry.js"
import { median } from "../../statistics.js"
import { digits } from "../format.js"
import { draw, ink, type Role, width } from "./canvas.js"

const roleOf = (name: string): Role =>
  name.startsWith("pls") ? "ours" : name.startsWith("upstream") ? "upstream" : "other"

export const startPlot = (series: ReadonlyArray<Series>): string => {
  const bare = median(series.find(({ name }) => name.startsWith("node"))?.values ?? [])
  const rows = series.map(({ name, values }) => ({ name, middle: median(values), color: ink(roleOf(name)) }))
  const runs = series.flatMap(({ name, values }) =>
    values.map((millis) => ({ name, millis, color: ink(roleOf(name)) }))
  )
  // A run that was interrupted for long lies outside; the median does not mind.
  const farthest = Math.max(...rows.map(({ middle }) => middle)) * 1.3
  const height = 60 + 38 * series.length
  return draw({
    title: "From the start of a command to its end",
    howToRead:
      "Faint dots: single runs. Line: their median, in milliseconds and as a multiple of a Node that does nothing.",
    height,
    panels: [
      {
        x: 24,
        y: 0,
        width: width - 48,
        height,
        options: {
          marginLeft: 170,
          marginRight: 132,
          marginTop: 8,
          marginBottom: 44,
          x: { domain: [0, farthest], label: "milliseconds", labelAnchor: "center", labelArrow: "none", tickSize: 0 },
          y: { domain: series.map(({ name }) => name), label: null },
          marks: [
            Plot.gridX({ stroke: ink("grid"), strokeOpacity: 1 }),
            Plot.ruleX([bare], { stroke: ink("soft"), strokeDasharray: "3 3" }),
            Plot.dot(runs, { x: "millis", y: "name", fill: "color", fillOpacity: 0.3, r: 3.5, clip: true }),
            Plot.tickX(rows, { x: "middle", y: "name", stroke: "color", strokeWidth: 3, insetTop: 5, insetBottom: 5 }),
            Plot.text(rows, {
              x: farthest,
              y: "name",
              text: ({ middle }: { readonly middle: number }) => `${digits(middle)} ms   ${digits(middle / bare)}×`,
              dx: 128,
              textAnchor: "end",
              fill: "color",
              fontWeight: 600
            }),
            Plot.axisY({ tickSize: 0, tickPadding: 10, fontSize: 12.5, fill: ink("ink") })
          ]
        }
      }
    ]
  })
}
