/** The table for the terminal: a row a line, the verdict in front, colour where there is a terminal to show it. */
import type { PeerMode } from "../Entry.js"
import type { RowResult, Verdict } from "../verdict.js"
import { barText, digits, figureText, markText, rateText, spreadText, withUnit } from "./format.js"
import { readingStepsText } from "./readingSteps.js"
import type { Results } from "./Results.js"
import { shares } from "./steps.js"

const paint = (isColored: boolean) => {
  const code = (number: number) => (text: string) => (isColored ? `\u001b[${number}m${text}\u001b[0m` : text)
  return { bold: code(1), dim: code(2), red: code(31), green: code(32), yellow: code(33) }
}
type Paint = ReturnType<typeof paint>

const mark: Record<Verdict, string> = { aim: "★", bar: "✓", short: "✗", "not measured": "·" }
const colorOf = (colors: Paint, verdict: Verdict) =>
  ({ aim: colors.green, bar: colors.green, short: colors.red, "not measured": colors.dim })[verdict]

/** Marks of Markdown are for Markdown. */
const plain = (text: string): string => text.replaceAll("`", "")

interface Cell {
  readonly text: string
  readonly right?: boolean
  readonly style?: (text: string) => string
}

const layOut = (rows: ReadonlyArray<ReadonlyArray<Cell>>): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.text.length)))
  const line = (row: ReadonlyArray<Cell>): string =>
    row
      .map(({ right, style = (text) => text, text }, column) =>
        style(right === true ? text.padStart(widths[column]!) : text.padEnd(widths[column]!))
      )
      .join("  ")
      .trimEnd()
  return rows.map(line).join("\n")
}

const rowCells = (colors: Paint, result: RowResult): ReadonlyArray<Cell> => {
  const { aim, bar, figures, ours, reason, theirs, unit, verdict, what, yardstick } = result
  const style = colorOf(colors, verdict)
  const front: ReadonlyArray<Cell> = [{ text: mark[verdict], style }, { text: plain(what) }]
  const marks: ReadonlyArray<Cell> = [
    { text: barText(result, bar), right: true, style: colors.dim },
    { text: markText(result, aim), right: true, style: colors.dim }
  ]
  if (figures === undefined || ours === undefined) {
    const none: Cell = { text: "", right: true }
    return [
      ...front,
      none,
      { text: "–", right: true, style },
      none,
      ...marks,
      { text: reason ?? "", style: colors.dim }
    ]
  }
  const beside = theirs === undefined ? "" : `${plain(yardstick ?? "")} ${withUnit(theirs.median, unit)}`
  return [
    ...front,
    { text: withUnit(ours.median, unit), right: true },
    { text: figureText(result, figures.median), right: true, style: (text) => colors.bold(style(text)) },
    { text: spreadText(result, figures), right: true, style: colors.dim },
    ...marks,
    { text: beside, style: colors.dim }
  ]
}

const header = (colors: Paint, ...texts: ReadonlyArray<string>): ReadonlyArray<Cell> =>
  texts.map((text, column) => ({ text, style: colors.dim, right: column > 1 && column < texts.length - 1 }))

export const rowsTable = (rows: ReadonlyArray<RowResult>, isColored: boolean): string => {
  const colors = paint(isColored)
  return layOut([
    header(colors, "", "what", "ours", "figure", "half of the rounds", "bar", "aim", "beside"),
    ...rows.map((row) => rowCells(colors, row))
  ])
}

const modes: ReadonlyArray<readonly [PeerMode, string]> = [
  ["single", "one by one"],
  ["batch", "256 at once"],
  ["flush", "on disk each"],
  ["read", "read back"]
]

export const peersTable = (results: Results, isColored: boolean): string => {
  const colors = paint(isColored)
  return layOut([
    [
      { text: "messages per second", style: colors.dim },
      ...modes.map(([, text]) => ({ text, right: true, style: colors.dim })),
      { text: "an acknowledged message survives", style: colors.dim }
    ],
    ...results.peers.map(({ fast, peer, rates }) => [
      { text: peer },
      ...modes.map(([mode]) => ({ text: rates[mode] === undefined ? "–" : rateText(rates[mode].median), right: true })),
      { text: fast, style: colors.dim }
    ])
  ])
}

export const stepsTable = (results: Results): string => {
  const { steps, whole } = shares(results.plots)
  const cells = (name: string, nanos: number, share: string): ReadonlyArray<Cell> => [
    { text: name },
    { text: withUnit(nanos, "ns"), right: true },
    { text: share, right: true }
  ]
  return layOut([
    ...steps.map(({ name, nanos, share }) => cells(name, nanos, `${digits(share * 100)} %`)),
    cells("all of a Pool.append", whole, "")
  ])
}

export const absentLines = ({ absent }: Results): ReadonlyArray<string> => {
  const reasons = new Map(absent.map(({ name, reason }) => [name, reason]))
  return [...reasons].map(([name, reason]) => `not there: ${name}: ${reason}`)
}

export const terminalReport = (results: Results, isColored: boolean): string => {
  const { machine } = results
  const rows = results.rows.length === 0 ? [] : [rowsTable(results.rows, isColored), ""]
  const peers = results.peers.length === 0 ? [] : [peersTable(results, isColored), ""]
  return [
    "",
    ...rows,
    ...peers,
    ...readingStepsText(results.plots),
    ...(results.plots["steps"] === undefined ? [] : [stepsTable(results), ""]),
    ...absentLines(results),
    `${machine.cores} × ${machine.processor}, ${machine.system}, node ${machine.node}, ${machine.fileSystem}; load ${machine.loadBefore.toFixed(1)} before, ${machine.loadAfter.toFixed(1)} after`,
    `medians of ${results.rounds} rounds or more, ${results.seconds.toFixed(0)} s in all`
  ].join("\n")
}
