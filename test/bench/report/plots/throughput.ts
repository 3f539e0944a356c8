/** Messages per second by peer: four questions side by side, everybody in the same order. */
import * as Plot from "@observablehq/plot"
import type { PeerFigures, PeerMode } from "../../Entry.js"
import { rateText } from "../format.js"
import { draw, ink, type Panel, type Role, width } from "./canvas.js"

const questions: ReadonlyArray<readonly [mode: PeerMode, title: string]> = [
  ["single", "Appended one by one, each acknowledged"],
  ["batch", "Appended 256 at once"],
  ["flush", "Each on the disk before the next"],
  ["read", "Read back, to objects"]
]

const roleOf = (peer: string): Role =>
  peer.startsWith("effect") ? "ours" : peer.startsWith("upstream") ? "upstream" : "other"

const labels = 128

const panel = (
  peers: ReadonlyArray<PeerFigures>,
  mode: PeerMode,
  title: string,
  place: Omit<Panel, "options">
): Panel => {
  const points = peers.flatMap(({ peer, rates }) => {
    const rate = rates[mode]
    return rate === undefined ? [] : [{ peer, ...rate, color: ink(roleOf(peer)), text: rateText(rate.median) }]
  })
  const smallest = Math.min(...points.map(({ low }) => low))
  const largest = Math.max(...points.map(({ high }) => high))
  const domain = [10 ** Math.floor(Math.log10(smallest)), 10 ** Math.ceil(Math.log10(largest))] as const
  return {
    ...place,
    options: {
      marginLeft: labels,
      marginRight: 52,
      marginTop: 30,
      marginBottom: 54,
      x: {
        type: "log",
        domain: [...domain],
        label: "messages per second, log scale",
        labelAnchor: "center",
        labelOffset: 36,
        labelArrow: "none",
        ticks: powersOfTen(domain),
        tickFormat: tick,
        tickSize: 0
      },
      y: { domain: peers.map(({ peer }) => peer), label: null },
      marks: [
        Plot.gridX({ stroke: ink("grid"), strokeOpacity: 1, ticks: powersOfTen(domain) }),
        Plot.ruleY(points, { y: "peer", x1: "low", x2: "high", stroke: "color", strokeWidth: 7, strokeOpacity: 0.3 }),
        Plot.dot(points, { x: "median", y: "peer", fill: "color", r: 4.5 }),
        Plot.text(points, {
          x: "high",
          y: "peer",
          text: "text",
          dx: 10,
          textAnchor: "start",
          fill: "color",
          fontWeight: 600
        }),
        Plot.axisY({ tickSize: 0, tickPadding: 8, fontSize: 12, fill: ink("ink") }),
        Plot.text([title], {
          frameAnchor: "top-left",
          dx: 4 - labels,
          dy: -26,
          fontSize: 13,
          fontWeight: 600,
          fill: ink("ink")
        })
      ]
    }
  }
}

const powersOfTen = ([lowest, highest]: readonly [number, number]): Array<number> => {
  const powers: Array<number> = []
  for (let power = lowest; power <= highest * 1.01; power *= 10) powers.push(power)
  return powers
}

const tick = (value: number): string =>
  value >= 1e6 ? `${value / 1e6} M` : value >= 1e3 ? `${value / 1e3} k` : String(value)

export const throughputPlot = (peers: ReadonlyArray<PeerFigures>): string => {
  const ordered = [...peers].sort((one, other) => (other.rates.single?.median ?? 0) - (one.rates.single?.median ?? 0))
  const height = 84 + 24 * peers.length
  const each = width / 2 - 30
  return draw({
    title: "Messages per second, by who keeps them",
    howToRead: "Dot: median. Band: half of the rounds. All in one run, in turns; further right is faster.",
    height: 2 * height,
    panels: questions.map(([mode, title], index) =>
      panel(ordered, mode, title, {
        x: 24 + (index % 2) * (each + 14),
        y: Math.floor(index / 2) * height,
        width: each,
        height
      })
    )
  })
}
