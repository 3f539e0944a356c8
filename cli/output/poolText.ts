/**
 * What people read about pools. At a terminal: blocks and sentences, sizes and ages rounded. In a pipe,
 * where the human form was asked for: plain lines and tables with exact figures. No text ends in a line feed.
 */
import type { PoolBounds, PoolCursor, PoolListing } from "../../src/PoolInfo.js"
import type { Style } from "./color.js"
import {
  block,
  counted,
  displayPath,
  displayPoolDirectory,
  humanAge,
  humanSize,
  missing,
  table,
  visible
} from "./human.js"
import type { Places } from "./human.js"
import { seqSpan } from "../../src/internal/metricsFields.js"
import { indexBytes, sortedByName } from "./poolReports.js"
import type { DeleteOutcome, InfoReport } from "./poolReports.js"
import { formatMillis, toTheSecond } from "./timestamps.js"

const done = "✓"
const failed = "✗"
const nothing = "—"

/** `3 (seq 17..19)`, or `empty`. */
export const messagesText = (count: number, { newest, oldest }: PoolBounds): string =>
  oldest === undefined || newest === undefined ? "empty" : `${count} (seq ${oldest}..${newest})`

export const createText = (created: ReadonlyArray<InfoReport>, places: Places): string => {
  const [first] = created
  if (first === undefined) return "Created no pools."
  const shape = `${humanSize(first.fileSize)}, ${counted(first.indexCapacity, "index slot")}`
  if (created.length === 1) {
    return block(`Created ${first.name} (${shape})`, [["path", displayPath(first.path, places)]])
  }
  const lines = created.map(({ name, path }) => visible(`  - ${name} (${displayPath(path, places)})`))
  return [`Created ${created.length} pools (${shape} each)`, ...lines].join("\n")
}

/** For a pipe. */
export const createTable = (created: ReadonlyArray<InfoReport>, places: Places): string =>
  table(
    ["NAME", "SIZE", "INDEX", "PATH"],
    created.map((info) => [
      info.name,
      String(info.fileSize),
      String(info.indexCapacity),
      displayPath(info.path, places)
    ])
  )

/** For a terminal. */
export const listText = (
  listings: ReadonlyArray<PoolListing>,
  places: Places,
  nowMillis: number,
  style: Style
): string => {
  if (listings.length === 0) {
    return `No pools in ${visible(displayPoolDirectory(places))}. Create one with \`plasmite pool create NAME\`.`
  }
  const readable = sortedByName(listings).filter((listing) => listing._tag === "Readable")
  if (readable.length < listings.length) return statusTable(listings, places, humanSize, toTheSecond, style)
  return table(
    ["NAME", "SIZE", "MSGS", "MODIFIED", "PATH"],
    readable.map((listing) => [
      listing.name,
      humanSize(listing.fileSize),
      String(seqSpan(listing.bounds)),
      humanAge(nowMillis - listing.modifiedMillis),
      displayPath(listing.path, places)
    ]),
    style
  )
}

/** For a pipe. */
export const listTable = (listings: ReadonlyArray<PoolListing>, places: Places): string =>
  statusTable(listings, places, String, (time) => time)

const statusTable = (
  listings: ReadonlyArray<PoolListing>,
  places: Places,
  sizeText: (bytes: number) => string,
  timeText: (time: string) => string,
  style?: Style
): string =>
  table(
    ["NAME", "STATUS", "SIZE", "OLDEST", "NEWEST", "MTIME", "PATH", "DETAIL"],
    sortedByName(listings).map((listing) => {
      const path = displayPath(listing.path, places)
      if (listing._tag === "Unreadable") {
        return [listing.name, "ERR", missing, missing, missing, missing, path, listing.error.message]
      }
      const { fileSize, name, modifiedMillis } = listing
      const { newest = missing, oldest = missing } = listing.bounds
      const modified = timeText(formatMillis(modifiedMillis))
      return [name, "OK", sizeText(fileSize), String(oldest), String(newest), modified, path, missing]
    }),
    style
  )

/** For a terminal. */
export const infoBlock = (info: InfoReport, places: Places): string => {
  const { metrics } = info
  const total = humanSize(info.fileSize)
  const size =
    metrics === undefined ? total : `${total} (${humanSize(metrics.usedBytes)} used, ${percent(metrics.usedPercent)})`
  const moment = (time: string | null = null, ageMillis: number | null = null): string =>
    time === null || ageMillis === null ? nothing : `${humanAge(ageMillis)} (${toTheSecond(time)})`
  const index =
    info.indexCapacity === 0 ? "none" : `${counted(info.indexCapacity, "slot")} (${humanSize(indexBytes(info))})`
  return block(info.name, [
    ["path", displayPath(info.path, places)],
    ["size", size],
    ["messages", messagesText(metrics?.messageCount ?? seqSpan(info.bounds), info.bounds)],
    ["oldest", moment(metrics?.oldestTime, metrics?.oldestAgeMillis)],
    ["newest", moment(metrics?.newestTime, metrics?.newestAgeMillis)],
    ["index", index],
    ["ring", humanSize(info.ringSize)],
    ...(info.cursors ?? []).map((cursor): readonly [string, string] => ["cursor", cursorText(cursor)])
  ])
}

/** For a pipe: one line head per fact, in an order that scripts may rely on. */
export const infoLines = (info: InfoReport): string => {
  const { bounds, metrics } = info
  const index = `offset=${info.indexOffset} slots=${info.indexCapacity} bytes=${indexBytes(info)}`
  const count = metrics?.messageCount ?? seqSpan(bounds)
  const lines = [
    `Pool: ${visible(info.name)}`,
    `Path: ${visible(info.path)}`,
    `Size: ${info.fileSize} bytes (index: ${index}, ring: offset=${info.ringOffset} size=${info.ringSize})`,
    `Bounds: oldest=${bounds.oldest ?? missing} newest=${bounds.newest ?? missing} count=${count}`
  ]
  const cursors = (info.cursors ?? []).map(
    ({ committedAt, lag, name, seq }) =>
      `Cursor: ${visible(name)} seq=${seq ?? missing} lag=${lag} committed=${committedAt ?? missing}`
  )
  if (metrics === undefined) return [...lines, ...cursors].join("\n")
  const moment = (time: string | null, ageMillis: number | null): string =>
    `${time ?? missing} (${ageMillis === null ? missing : humanAge(ageMillis)})`
  return [
    ...lines,
    `Utilization: used=${metrics.usedBytes}B free=${metrics.freeBytes}B (${percent(metrics.usedPercent)})`,
    `Oldest: ${moment(metrics.oldestTime, metrics.oldestAgeMillis)}`,
    `Newest: ${moment(metrics.newestTime, metrics.newestAgeMillis)}`,
    ...cursors
  ].join("\n")
}

const cursorText = ({ committedAt, lag, name, seq }: PoolCursor): string =>
  seq === null || committedAt === null
    ? `${name}: damaged`
    : `${name}: at ${seq}, ${lag} to go, since ${toTheSecond(committedAt)}`

const percent = (value: number): string => `${value.toFixed(2)}%`

/** For a terminal. */
export const deleteText = (outcomes: ReadonlyArray<DeleteOutcome>, places: Places): string => {
  const directory = visible(displayPoolDirectory(places))
  const [only] = outcomes
  if (only !== undefined && outcomes.length === 1) {
    const pool = visible(only.pool)
    if ("path" in only) return `Deleted ${pool}.`
    return only.error.reason === "NotFound"
      ? `Pool ${pool} was not found in ${directory}. List pools with \`plasmite pool list\`.`
      : `Could not delete ${pool}: ${visible(only.error.message)}`
  }
  const deletedCount = outcomes.filter((outcome) => "path" in outcome).length
  const lines = outcomes.map((outcome) =>
    visible("path" in outcome ? `  ${done} ${outcome.pool}` : `  ${failed} ${outcome.pool}: ${outcome.error.message}`)
  )
  return [
    `Deleted ${deletedCount} of ${counted(outcomes.length, "pool")}.`,
    ...lines,
    `Pool directory: ${directory}`
  ].join("\n")
}

/** For a pipe. */
export const deleteTable = (outcomes: ReadonlyArray<DeleteOutcome>, places: Places): string =>
  table(
    ["NAME", "STATUS", "PATH", "DETAIL"],
    outcomes.map((outcome) => {
      if ("path" in outcome) return [outcome.pool, "OK", displayPath(outcome.path, places), missing]
      const { message, path } = outcome.error
      return [outcome.pool, "ERR", path === undefined ? missing : displayPath(path, places), message]
    })
  )
