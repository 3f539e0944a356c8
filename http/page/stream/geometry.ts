/**
 * Which rows are on the screen: arithmetic over rows of one height. The heights agree with --row in the style sheet.
 */
import { useEffect, useState } from "preact/hooks"
import type { Density } from "../logic/viewState.js"

const heights: Readonly<Record<Density, number>> = { normal: 32, compact: 24 }
const narrowHeights: Readonly<Record<Density, number>> = { normal: 52, compact: 44 }
const narrow = matchMedia("(max-width: 760px)")

/** Drawn beyond the edges, so that scrolling does not outrun drawing. */
const overscan = 6
/** Never more, whatever the height of the screen. */
const mostRows = 180

export const useIsNarrow = (): boolean => {
  const [isNarrow, setNarrow] = useState(narrow.matches)
  useEffect(() => {
    const change = (): void => setNarrow(narrow.matches)
    narrow.addEventListener("change", change)
    return () => narrow.removeEventListener("change", change)
  }, [])
  return isNarrow
}

/** `isTwoLine`: whatever the width of the screen. */
export const useRowHeight = (density: Density, isTwoLine = false): number =>
  (useIsNarrow() || isTwoLine ? narrowHeights : heights)[density]

export interface RowSpan {
  /** Within the list, from 0. */
  readonly first: number
  readonly end: number
}

export const rowsOnScreen = (scrollTop: number, height: number, rowHeight: number, count: number): RowSpan => {
  // Not measured yet, or not to be seen.
  if (height === 0) return { first: 0, end: 0 }
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - overscan)
  const wanted = Math.ceil(height / rowHeight) + 2 * overscan
  return { first, end: Math.min(count, first + Math.min(wanted, mostRows)) }
}

export const isAtEnd = (scrollTop: number, height: number, rowHeight: number, count: number): boolean =>
  scrollTop + height >= count * rowHeight - rowHeight / 2
