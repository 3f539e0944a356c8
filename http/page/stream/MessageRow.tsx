/**
 * One message on one line. Drawn again only when something that it shows has changed; its parsed parts are kept for as
 * long as the message itself is.
 */
import { memo } from "../data/memo.js"
import type { ComponentChildren } from "preact"
import { parseExact, printExact } from "../logic/exactJson.js"
import { formatClock, formatDay, formatDuration, formatRelative } from "../logic/format.js"
import type { PageMessage } from "../logic/message.js"
import type { PoolMark } from "../logic/poolGroup.js"
import { highlighted, type Matcher } from "../logic/search.js"
import {
  columnPath,
  columnText,
  messageSeverity,
  severityOf,
  summarise,
  tagHue,
  type Severity,
  type Summary
} from "../logic/summary.js"
import type { TimeStyle, TimeZoneName } from "../logic/viewState.js"
import { testIds } from "../testIds.js"

interface Looks {
  readonly summary: Summary
  readonly severity: Severity | undefined
}

const known = new WeakMap<PageMessage, Looks>()

const looksOf = (message: PageMessage): Looks => {
  const held = known.get(message)
  if (held !== undefined) return held
  const summary = summarise(message.dataText)
  const looks = { summary, severity: messageSeverity(message, summary) }
  known.set(message, looks)
  return looks
}

const mostTags = 4
/** Fields whose words say how it went. */
const severityKeys = new Set(["level", "severity", "status", "outcome", "result"])

export const TagPill = ({ tag }: { readonly tag: string }) => {
  const severity = severityOf(tag)
  return (
    <span class={`pill ${severity ?? ""}`} style={{ "--hue": String(tagHue(tag)) }} data-tag={tag} title={tag}>
      {tag}
    </span>
  )
}

export const PoolPill = ({ mark }: { readonly mark: PoolMark }) => (
  <span class="pill pool" style={{ "--hue": String(mark.hue) }} title={mark.name}>
    {mark.short}
  </span>
)

export interface MessageRowProps {
  readonly message: PageMessage
  /** Within the list, counted from 1. */
  readonly place: number
  /** The list's number for it, by which a press finds it. */
  readonly row: number
  readonly idPrefix: string
  /** Its pool, where there are several. */
  readonly mark: PoolMark | undefined
  /** It came so much after newer ones of other pools. */
  readonly lateMillis: number | undefined
  readonly isSelected: boolean
  readonly isHit: boolean
  readonly matcher: Matcher | undefined
  readonly columns: ReadonlyArray<string>
  readonly zone: TimeZoneName
  readonly timeStyle: TimeStyle
  /** Zero unless times are relative, so that absolute ones are not drawn each second. */
  readonly now: number
  /** Characters that fit into the line, roughly. */
  readonly room: number
}

const Highlighted = ({
  isHit,
  matcher,
  text
}: {
  readonly text: string
  readonly matcher: Matcher | undefined
  readonly isHit: boolean
}) => {
  const spans = matcher?.spansIn(text) ?? []
  if (spans.length === 0) return <>{text}</>
  return (
    <>
      {highlighted(text, spans).map((piece, index) =>
        piece.isHit ? (
          <mark key={index} class={isHit ? "now" : ""}>
            {piece.text}
          </mark>
        ) : (
          piece.text
        )
      )}
    </>
  )
}

/** Two elements a field, and only as many fields as there is room for: rows are drawn very often. */
const summaryParts = (
  { fields, isCut }: Summary,
  { isHit, matcher, room }: Pick<MessageRowProps, "isHit" | "matcher" | "room">
): ComponentChildren => {
  const parts: Array<ComponentChildren> = []
  let used = 0
  for (const { key, kind, text } of fields) {
    if (used > room) return parts
    used += key.length + text.length + 3
    parts.push(<span class="key">{key}=</span>)
    const meaning = kind === "string" && severityKeys.has(key.toLowerCase()) ? severityOf(text) : undefined
    parts.push(
      <span class={meaning ?? kind}>
        <Highlighted text={text} matcher={matcher} isHit={isHit} />
      </span>
    )
  }
  if (isCut) parts.push(" …")
  return parts
}

/** The day takes the place of the finest digits where it is not today. */
const clockText = (timeMillis: number, zone: TimeZoneName): string => {
  const clock = formatClock(timeMillis, zone)
  const day = formatDay(timeMillis, zone)
  return day === formatDay(Date.now(), zone) ? clock : `${day.slice(5)} ${clock.slice(0, 8)}`
}

export const rowId = (seq: number, prefix = ""): string => `${prefix}row-${seq}`

const MessageRowView = (props: MessageRowProps) => {
  const { columns, idPrefix, isSelected, lateMillis, mark, message, now, place, row, timeStyle, zone } = props
  const { severity, summary } = looksOf(message)
  const { tags } = message
  return (
    <div
      role="row"
      id={rowId(message.seq, idPrefix)}
      class={`row ${severity ?? ""}`}
      aria-rowindex={place}
      aria-selected={isSelected}
      data-testid={testIds.row}
      data-seq={message.seq}
      data-row={row}
      data-pool={mark?.name}
    >
      {mark === undefined ? null : (
        <span role="gridcell" class="cell-pool">
          <PoolPill mark={mark} />
        </span>
      )}
      <span role="gridcell" class="cell-seq">
        {message.seq}
      </span>
      <span role="gridcell" class="cell-time" title={message.time}>
        {timeStyle === "relative" ? formatRelative(message.timeMillis, now) : clockText(message.timeMillis, zone)}
        {lateMillis === undefined ? null : (
          <span class="late" title={`Came ${formatDuration(lateMillis)} after newer ones had been shown`}>
            {" "}
            late
          </span>
        )}
      </span>
      {columns.map((column) => {
        const path = columnPath(column)
        const text = path === undefined ? "" : columnText(parseExact(message.dataText), path, printExact)
        return (
          <span key={column} role="gridcell" class="cell-column truncate" title={text}>
            {text}
          </span>
        )
      })}
      <span role="gridcell" class="cell-tags">
        {tags.slice(0, mostTags).map((tag, index) => (
          <TagPill key={index} tag={tag} />
        ))}
        {tags.length > mostTags ? <span class="muted">+{tags.length - mostTags}</span> : null}
        {severity === undefined ? null : <span class="unseen">{severity}</span>}
      </span>
      <span role="gridcell" class="cell-data">
        {summaryParts(summary, props)}
      </span>
    </div>
  )
}

export const MessageRow = memo(MessageRowView)
