/**
 * Finds a message among rows by what ascends in them: numbers, times. Rows that are no messages may lie between.
 */
import type { PageMessage } from "./message.js"
import type { BufferRow } from "./messageBuffer.js"

interface Rows {
  readonly endRow: number
  readonly rowAt: (row: number) => BufferRow | undefined
}

export interface FoundRow {
  readonly row: number
  readonly isExact: boolean
}

interface MessageAt {
  readonly row: number
  readonly message: PageMessage
}

/** The row whose key is nearest to `wanted`, among those from `start` on; of two equally near, the later. */
export const nearestRow = (
  rows: Rows,
  start: number,
  wanted: number,
  keyOf: (message: PageMessage) => number
): FoundRow | undefined => {
  let low = start
  let high = rows.endRow
  while (low < high) {
    // Rows may have negative numbers, so no shift.
    const middle = Math.floor((low + high) / 2)
    const probe = messageAtOrAfter(rows, middle, high)
    if (probe === undefined) high = middle
    else if (keyOf(probe.message) < wanted) low = probe.row + 1
    else high = middle
  }
  const after = messageAtOrAfter(rows, low, rows.endRow)
  const before = messageBefore(rows, low, start)
  const isBefore =
    after === undefined || (before !== undefined && wanted - keyOf(before.message) < keyOf(after.message) - wanted)
  const nearest = isBefore ? before : after
  return nearest && { row: nearest.row, isExact: keyOf(nearest.message) === wanted }
}

const messageAtOrAfter = (rows: Rows, from: number, end: number): MessageAt | undefined => {
  for (let row = from; row < end; row++) {
    const held = rows.rowAt(row)
    if (held?.kind === "message") return { row, message: held.message }
  }
  return undefined
}

/** The last message before the row `from`, not before `start`. */
export const messageBefore = (rows: Rows, from: number, start: number): MessageAt | undefined => {
  for (let row = from - 1; row >= start; row--) {
    const held = rows.rowAt(row)
    if (held?.kind === "message") return { row, message: held.message }
  }
  return undefined
}
