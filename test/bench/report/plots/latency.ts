/** How long messages are under way, by how rare that is: the right-hand side is the tail that averages hide. */
import * as Plot from "@observablehq/plot"
import type { Series } from "../../Entry.js"
import { quantile } from "../../statistics.js"
import { digits } from "../format.js"
import { draw, ink, type Role, width } from "./canvas.js"

const roleOf = (name: string): Role =>
  name.startsWith("effect")
    ? "ours"
    : name.startsWith("upstream")
      ? "upstream"
      : name.startsWith("Redis")
        ? "server"
        : name.startsWith("NATS")
          ? "file"
          : "other"

/** One message in so many takes longer. */
const rarities = (count: number): ReadonlyArray<number> => {
  const most = Math.min(count, 1_000)
  const steps = 80
  return Array.from({ length: steps + 1 }, (_, step) => most ** (step / steps))
}
const shareText = (rarity: number): string => (rarity <= 1.001 ? "fastest" : `${digitsOfShare(1 - 1 / rarity)} %`)
const digitsOfShare = (share: number): string => String(Number((share * 100).toFixed(2)))

/** Moves labels apart that would lie on each other, in the order of their curves, none of them above `highest`. */
const spread = (places: ReadonlyArray<number>, gap: number, highest: number): ReadonlyArray<number> => {
  const order = places.map((_, index) => index).sort((one, other) => places[one]! - places[other]!)
  const moved = [...places]
  for (let rank = 1; rank < order.length; rank++) {
    moved[order[rank]!] = Math.max(moved[order[rank]!]!, moved[order[rank - 1]!]! + gap)
  }
  let limit = highest
  for (const index of order.toReversed()) {
    moved[index] = Math.min(moved[index]!, limit)
    limit = moved[index]! - gap
  }
  return moved
}

export const latencyPlot = (series: ReadonlyArray<Series>): string => {
  const height = 412
  const last = Math.min(...series.map(({ values }) => values.length), 1_000)
  const curves = series.flatMap(({ name, values }) =>
    rarities(last).map((rarity) => ({
      name,
      rarity,
      millis: quantile(values, 1 - 1 / rarity),
      color: ink(roleOf(name)),
      wide: roleOf(name) === "ours" ? 2.6 : 1.6
    }))
  )
  const millis = curves.map((point) => point.millis)
  const domain = [Math.min(...millis) * 0.8, Math.max(...millis) * 1.3] as const
  const ends = series.map(({ name, values }) => ({ name, values, end: quantile(values, 1 - 1 / last) }))
  const inner = height - 78
  const marks = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].filter(
    (mark) => mark >= domain[0] && mark <= domain[1]
  )
  const pixels = (value: number): number => (Math.log(value / domain[0]) / Math.log(domain[1] / domain[0])) * inner
  const places = spread(
    ends.map(({ end }) => pixels(end)),
    30,
    inner
  )
  const shares = [1, 2, 4, 10, 20, 100, 1_000].filter((rarity) => rarity <= last)
  const valueAt = (pixel: number): number => domain[0] * (domain[1] / domain[0]) ** (pixel / inner)
  const labels = ends.map(({ name, values }, index) => ({
    name,
    detail: `median ${digits(quantile(values, 0.5))} ms, 99 % ${digits(quantile(values, 0.99))} ms`,
    at: valueAt(places[index]!),
    color: ink(roleOf(name))
  }))
  return draw({
    title: "From an append to the callback of another process",
    howToRead:
      "Of all messages, the share on the horizontal axis is at least as fast as the curve. Lower is better; the right-hand end is the slowest.",
    height,
    panels: [
      {
        x: 24,
        y: 0,
        width: width - 40,
        height,
        options: {
          marginLeft: 52,
          marginRight: 200,
          marginTop: 22,
          marginBottom: 56,
          x: {
            type: "log",
            domain: [1, last],
            label: "share of messages",
            labelAnchor: "center",
            labelOffset: 38,
            labelArrow: "none",
            ticks: []
          },
          y: {
            type: "log",
            domain: [...domain],
            axis: null
          },
          marks: [
            Plot.gridY({
              stroke: ink("grid"),
              strokeOpacity: 1,
              ticks: marks
            }),
            Plot.text(shares, { x: (rarity: number) => rarity, frameAnchor: "bottom", dy: 16, text: shareText }),
            // An axis on a logarithmic scale keeps some of its labels to itself.
            Plot.text(marks, { x: 1, y: (mark: number) => mark, text: String, dx: -10, textAnchor: "end" }),
            Plot.text(["milliseconds, log scale"], { frameAnchor: "top-left", dx: -48, dy: -14 }),
            Plot.ruleX([2, 100], { stroke: ink("grid"), strokeDasharray: "3 3" }),
            Plot.line(curves, {
              x: "rarity",
              y: "millis",
              z: "name",
              stroke: "color",
              strokeWidth: "wide",
              curve: "monotone-x"
            }),
            Plot.text(labels, {
              x: last,
              y: "at",
              text: "name",
              dx: 10,
              dy: -7,
              textAnchor: "start",
              fill: "color",
              fontWeight: 600,
              fontSize: 12.5
            }),
            Plot.text(labels, {
              x: last,
              y: "at",
              text: "detail",
              dx: 10,
              dy: 7,
              textAnchor: "start",
              fill: ink("soft"),
              fontSize: 10.5
            })
          ]
        }
      }
    ]
  })
}
