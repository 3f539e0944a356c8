/**
 * Puts a run into `docs/`: the plots as files, the figures as JSON, and the tables into the page, between the markers
 * that are there for them. What stands outside the markers is written by people.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import type { PeerFigures, PeerMode, Plots } from "../Entry.js"
import type { RowResult } from "../verdict.js"
import { barText, digits, figureText, markText, rateText, spreadText, verdictText, withUnit } from "./format.js"
import { drawPlots } from "./plots.js"
import { readingStepsMarkdown } from "./readingSteps.js"
import type { Results } from "./Results.js"
import { shares } from "./steps.js"
import { absentLines } from "./terminal.js"

const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

const rowLine = (result: RowResult): string => {
  const { aim, bar, figures, ours, reason, theirs, unit, verdict, what, yardstick } = result
  if (figures === undefined || ours === undefined)
    return line([what, "–", "–", "–", barText(result, bar), markText(result, aim), `not measured: ${reason ?? ""}`])
  return line([
    what,
    withUnit(ours.median, unit),
    theirs === undefined ? "" : `${yardstick}: ${withUnit(theirs.median, unit)}`,
    `**${figureText(result, figures.median)}** (${spreadText(result, figures)})`,
    barText(result, bar),
    markText(result, aim),
    verdict === "short" ? `**${verdictText[verdict]}**` : verdictText[verdict]
  ])
}

export const rowsMarkdown = (rows: ReadonlyArray<RowResult>): string =>
  [
    line(["What", "Ours", "Beside", "Figure (half of the rounds)", "Bar", "Aim", "Verdict"]),
    line(["---", "--:", "---", "--:", "--:", "--:", "---"]),
    ...rows.map(rowLine)
  ].join("\n")

const modes: ReadonlyArray<PeerMode> = ["single", "batch", "flush", "read"]

export const peersMarkdown = (peers: ReadonlyArray<PeerFigures>): string =>
  [
    line([
      "Messages per second",
      "One by one",
      "256 at once",
      "On disk each",
      "Read back",
      "An acknowledged message survives",
      "… and on disk"
    ]),
    line(["---", "--:", "--:", "--:", "--:", "---", "---"]),
    ...peers.map(({ fast, flush, peer, rates }) =>
      line([
        peer,
        ...modes.map((mode) => (rates[mode] === undefined ? "–" : rateText(rates[mode].median))),
        fast,
        flush
      ])
    )
  ].join("\n")

/** The steps of an append, with their shares of it. */
export const stepsMarkdown = (plots: Plots): string => {
  const { checksum, steps, whole } = shares(plots)
  return [
    line(["Step of `Pool.append`, tiny", "Time", "Share"]),
    line(["---", "--:", "--:"]),
    ...steps.map(({ name, nanos, share }) => line([name, withUnit(nanos, "ns"), `${digits(share * 100)} %`])),
    line(["**all of it**", `**${withUnit(whole, "ns")}**`, ""]),
    "",
    `Within the frame, the checksum of the payload takes ${withUnit(checksum, "ns")} in a loop of its own.`
  ].join("\n")
}

const conditions = (results: Results): string => {
  const { machine } = results
  return [
    `Measured on ${results.when.slice(0, 10)}: ${machine.cores} cores (${machine.processor}), ${machine.memoryGibibytes} GiB, ${machine.system}, Node ${machine.node}, pools on ${machine.fileSystem}.`,
    `Medians of ${results.rounds} rounds or more, ${digits(results.seconds / 60)} minutes in all; load ${machine.loadBefore.toFixed(1)} before, ${machine.loadAfter.toFixed(1)} after.`,
    ...absentLines(results).map((text) => `${text.replace(/^n/, "N")}.`)
  ].join("\n")
}

/** The text with what stands between two markers replaced. Fails if they are not there: then nothing would be shown. */
export const between = (text: string, name: string, body: string): string => {
  const start = `<!-- ${name}: written by npm run bench -->`
  const end = `<!-- end of ${name} -->`
  const from = text.indexOf(start)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the page has no place for ${name}: ${start} … ${end}`)
  return `${text.slice(0, from + start.length)}\n\n${body}\n\n${text.slice(to)}`
}

/** A page of a few rows would be mistaken for the page of all. */
export const writePage = (root: string, results: Results): ReadonlyArray<string> => {
  const page = path.join(root, "docs/performance.md")
  const plots = path.join(root, "docs/plots")
  fs.mkdirSync(plots, { recursive: true })
  const written = [page, path.join(plots, "results.json")]
  let text = fs.readFileSync(page, "utf8")
  text = between(text, "conditions", conditions(results))
  text = between(text, "bars", rowsMarkdown(results.rows))
  text = between(text, "peers", peersMarkdown(results.peers))
  text = between(text, "reading steps", readingStepsMarkdown(results.plots))
  text = between(text, "steps", stepsMarkdown(results.plots))
  fs.writeFileSync(page, text)
  fs.writeFileSync(written[1]!, `${JSON.stringify({ ...results, plots: {} }, undefined, 2)}\n`)
  for (const [name, svg] of Object.entries(drawPlots(results))) {
    written.push(path.join(plots, `${name}.svg`))
    fs.writeFileSync(written.at(-1)!, svg)
  }
  return written.map((file) => path.relative(root, file))
}
