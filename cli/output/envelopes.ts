/**
 * The JSON lines of the command line that say how things went: errors and notices, and the one-line forms for people.
 * Field names and their order are a promise to scripts. No text here ends in a line feed: whoever prints it adds one.
 */
import type { EnvelopeParts } from "../../src/internal/envelope.js"
import type { PoolError } from "../../src/PoolError.js"
import { paint, sgr } from "./color.js"
import type { Style } from "./color.js"
import type { InputFailure } from "../input/inputItem.js"
import { counted, visible } from "./human.js"
import { toTheSecond } from "./timestamps.js"

/** A receipt at a terminal; the verb is that of the command as it was spelled. */
export const receiptLine = (spelling: "poke" | "feed", { seq, tags, time }: EnvelopeParts): string => {
  const verb = spelling === "poke" ? "poked" : "fed"
  const tagged = tags.length === 0 ? "" : `  tags: ${visible(tags.join(","))}`
  return `${verb} seq=${seq} at ${toTheSecond(time)}${tagged}`
}

/** What the command line knows of a failure beyond the error itself. */
export interface ErrorExtras {
  /** The number as typed, where it is too large for a message to have it. */
  readonly seq?: bigint
  /** Where the rejected record is in the input: its line, and its number among the records. */
  readonly line?: number
  readonly index?: number
  /** How often it was tried, and for how long. */
  readonly attempts?: number
  readonly waitedMillis?: number
}

/** The object inside an error envelope. Absent facts are `undefined`. */
export const errorFields = (error: PoolError): { readonly [field: string]: unknown } => ({
  kind: error.reason,
  message: oneLine(error.message),
  hint: error.hint,
  path: error.path,
  seq: error.seq,
  offset: error.offset,
  causes: error.causes !== undefined && error.causes.length > 0 ? error.causes : undefined
})

export const errorEnvelope = (error: PoolError, extras: ErrorExtras = {}): string => {
  const fields = {
    ...errorFields(error),
    ...(extras.seq === undefined ? {} : { seq: extras.seq }),
    line: extras.line,
    index: extras.index,
    attempts: extras.attempts,
    waited_ms: extras.waitedMillis
  }
  const members = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `"${field}":${typeof value === "bigint" ? value : JSON.stringify(value)}`)
  return `{"error":{${members.join(",")}}}`
}

/** The lines of an error at a terminal; of the causes only the first. */
export const errorText = (error: PoolError, style: Style, extras: ErrorExtras = {}): string => {
  const lines = [labelled("error", sgr.errorLabel, oneLine(error.message), style)]
  const add = (label: string, value: string | number | bigint | undefined): void => {
    if (value !== undefined) lines.push(labelled(label, sgr.label, String(value), style))
  }
  add("hint", error.hint)
  add("path", error.path)
  add("seq", extras.seq ?? error.seq)
  add("offset", error.offset)
  add("caused by", error.causes?.[0])
  return lines.join("\n")
}

/** Something worth knowing that is not a failure. */
export interface Notice {
  readonly kind: string
  /** As it was spelled. */
  readonly command: string
  /** The pool as it was typed; none where a notice is about no pool. */
  readonly pool?: string
  readonly message: string
  readonly details: { readonly [field: string]: unknown }
}

/** What every notice of one run of a command has in common. */
export type NoticeOrigin = Required<Pick<Notice, "command" | "pool">> & {
  /** The file, or the address of a remote pool. */
  readonly poolPath: string
}

/** `time` is when it was noticed, in RFC 3339. */
export const noticeEnvelope = ({ command, details, kind, message, pool }: Notice, time: string): string =>
  JSON.stringify({ notice: { kind, time, cmd: command, pool, message: oneLine(message), details } })

/** The line of a notice at a terminal. Who follows several pools wants to know which one it is about. */
export const noticeText = ({ command, message, pool }: Notice, style: Style): string => {
  const names = command === "peek" || command === "follow" || command === "duplex"
  return labelled("notice", sgr.label, names ? `${oneLine(message)} (pool: ${pool})` : oneLine(message), style)
}

/** Messages were overwritten before they could be read: those between the two numbers. */
export const dropNotice = (
  origin: NoticeOrigin,
  lastSeenSeq: number,
  nextSeenSeq: number,
  isUpperBound = false
): Notice => {
  const dropped = nextSeenSeq - lastSeenSeq - 1
  return {
    kind: "drop",
    command: origin.command,
    pool: origin.pool,
    message: `dropped ${isUpperBound ? "at most " : ""}${counted(dropped, "message")}`,
    details: {
      last_seen_seq: lastSeenSeq,
      next_seen_seq: nextSeenSeq,
      dropped_count: dropped,
      ...(isUpperBound ? { dropped_count_is_upper_bound: true } : {}),
      pool_path: origin.poolPath
    }
  }
}

/** A record of the input was passed over. */
export const ingestSkipNotice = (origin: NoticeOrigin, failure: InputFailure): Notice => ({
  kind: "ingest_skip",
  command: origin.command,
  pool: origin.pool,
  message: failure.kind === "Oversize" ? "skipped a record that is too large" : "skipped a record that is not JSON",
  details: {
    mode: failure.mode,
    index: failure.index,
    error_kind: failure.kind,
    pool_path: origin.poolPath,
    line: failure.line,
    snippet: failure.snippet
  }
})

/** How many records were read, stored and passed over, once the input has ended. */
export const ingestSummaryNotice = (origin: NoticeOrigin, ok: number, failed: number): Notice => ({
  kind: "ingest_summary",
  command: origin.command,
  pool: origin.pool,
  message: `${counted(failed, "record")} skipped`,
  details: { total: ok + failed, ok, failed, pool_path: origin.poolPath }
})

const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, " ").trim()

/** Further lines of a value stand under its first one. */
const labelled = (label: string, code: number, value: string, style: Style): string => {
  const indent = " ".repeat(label.length + 2)
  return `${paint(code, `${label}:`, style)} ${value.split("\n").map(visible).join(`\n${indent}`)}`
}
