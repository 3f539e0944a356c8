/**
 * Rows that are no messages: what was lost, when the connection was down, where the pool began anew.
 */
import { formatClock, formatCount, formatDuration } from "../logic/format.js"
import type { BufferRow } from "../logic/messageBuffer.js"
import type { PoolMark } from "../logic/poolGroup.js"
import type { TimeZoneName } from "../logic/viewState.js"
import { testIds } from "../testIds.js"
import { PoolPill } from "./MessageRow.js"

export interface MarkerRowProps {
  readonly row: Exclude<BufferRow, { readonly kind: "message" }>
  readonly place: number
  readonly zone: TimeZoneName
  /** Its pool, where there are several. */
  readonly mark: PoolMark | undefined
}

const markerText = (row: MarkerRowProps["row"], zone: TimeZoneName): string => {
  switch (row.kind) {
    case "gap":
      return row.lost === 1
        ? `1 message lost: ${row.from} was overwritten before it was read`
        : `${formatCount(row.lost)} messages lost: ${row.from} to ${row.to} were overwritten before they were read`
    case "interruption":
      return `Connection lost at ${formatClock(row.from, zone).slice(0, 8)} for ${formatDuration(row.until - row.from)}`
    case "recreated":
      return `The pool was made anew at ${formatClock(row.at, zone).slice(0, 8)}; numbers begin again`
  }
}

const ids = {
  gap: testIds.rowGap,
  interruption: testIds.rowInterruption,
  recreated: testIds.rowRecreated
} as const

export const MarkerRow = ({ mark, place, row, zone }: MarkerRowProps) => (
  <div
    role="row"
    class={`row marker ${row.kind}`}
    aria-rowindex={place}
    data-testid={ids[row.kind]}
    data-pool={mark?.name}
  >
    <span role="gridcell">
      {mark === undefined ? null : (
        <>
          <PoolPill mark={mark} />{" "}
        </>
      )}
      {markerText(row, zone)}
    </span>
  </div>
)
