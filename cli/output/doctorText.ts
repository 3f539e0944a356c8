/**
 * What people read about the health of pools: a block for one, a list for all, a line each in a pipe. No text ends in
 * a line feed.
 */
import { block, counted, visible } from "./human.js"
import type { DoctorReport, RepairReport } from "./poolReports.js"
import { messagesText } from "./poolText.js"
import { displayWidth } from "./displayWidth.js"

/** One pool, for a terminal. */
export const doctorText = (report: DoctorReport): string => {
  const newest = report.lastGoodSeq
  const bounds =
    newest === null || report.messageCount === 0 ? {} : { oldest: newest - report.messageCount + 1, newest }
  const [issue] = report.issues
  return block(`${report.name}: ${report.status === "ok" ? "healthy" : "corrupt"}`, [
    ["messages", messagesText(report.messageCount, bounds)],
    ["checked", `header, index, ring; ${counted(report.issues.length, "issue")}`],
    ...(issue === undefined ? [] : [["detail", issue.message] as const]),
    ...(report.repaired ? repairFacts(report.repaired) : []),
    ...report.hints.map((hint) => ["hint", hint] as const)
  ])
}

const repairFacts = ({ backupPath, changes, kept, lost }: RepairReport): ReadonlyArray<readonly [string, string]> => [
  ...changes.map((change) => ["repaired", change] as const),
  ["kept", keptText(kept)],
  ["lost", lostText(lost)],
  ["backup", backupPath ?? "none"]
]

const keptText = ({ count, newest, oldest }: RepairReport["kept"]): string =>
  messagesText(count, oldest === null || newest === null ? {} : { oldest, newest })

const lostText = (lost: RepairReport["lost"]): string =>
  lost.length === 0
    ? "none"
    : `seq ${lost.map(({ from, to }) => (from === to ? String(from) : `${from}..${to}`)).join(", ")}`

/** All pools of the directory, for a terminal. */
export const doctorAllText = (reports: ReadonlyArray<DoctorReport>): string => {
  if (reports.length === 0) return noPools
  const unhealthyCount = reports.filter(isUnhealthy).length
  const pools = counted(reports.length, "pool")
  const headline =
    unhealthyCount > 0
      ? `${unhealthyCount} of ${pools} unhealthy.`
      : reports.length === 1
        ? `${pools} healthy.`
        : `All ${pools} healthy.`
  return [
    headline,
    ...aligned(
      reports.map((report) => [
        visible(report.name),
        counted(report.messageCount, "message"),
        counted(report.issues.length, "issue"),
        visible(nextStep(report))
      ])
    )
  ].join("\n")
}

const nextStep = ({ name, repaired, status }: DoctorReport): string =>
  [
    ...(repaired ? [`repaired, backup: ${repaired.backupPath ?? "none"}`] : []),
    ...(status === "corrupt" ? [`see \`plasmite doctor ${name}\``] : [])
  ].join("; ")

/** For a pipe. */
export const doctorLines = (reports: ReadonlyArray<DoctorReport>): string =>
  reports.length === 0 ? noPools : reports.map(doctorLine).join("\n")

const doctorLine = (report: DoctorReport): string =>
  visible(
    isUnhealthy(report)
      ? `CORRUPT: ${report.name} last_good_seq=${report.lastGoodSeq ?? "-"} issue=${report.issues[0]?.message ?? "-"}`
      : `OK: ${report.name}`
  ) + (report.repaired ? visible(repairWords(report.repaired)) : "")

const repairWords = ({ backupPath, kept, lost }: RepairReport): string =>
  ` repaired kept=${kept.count} lost=${lost.map(({ from, to }) => `${from}..${to}`).join(",") || "-"} backup=${backupPath ?? "-"}`

const noPools = "No pools found."

const isUnhealthy = (report: DoctorReport): boolean => report.status === "corrupt"

/** Lines under a headline, their columns two blanks apart. */
const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.map((row) =>
    `  ${row
      .map((cell, column) => {
        const width = Math.max(...rows.map((other) => displayWidth(other[column]!)))
        return cell + " ".repeat(width - displayWidth(cell))
      })
      .join("  ")}`.trimEnd()
  )
