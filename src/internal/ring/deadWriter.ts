/**
 * Traces of a writer that died while appending. A foreign append begins at the head or at offset 0, and overwrites
 * the frames it drops while the header still announces them; a frame started there says how far it may have got.
 */
import type { Chain, FrameJudge } from "./chain.js"
import type { FrameProbe } from "./frameProbe.js"
import type { Group } from "./group.js"
import { frameHeaderBytes } from "./layout.js"

/** Where the frame after the newest was started, and how far each start may reach. */
export interface StartedFrames {
  readonly found: boolean
  readonly offsets: ReadonlyArray<number>
  readonly extents: ReadonlyArray<{ readonly from: number; readonly to: number }>
}

export const noStartedFrames: StartedFrames = { found: false, offsets: [], extents: [] }

export const findStartedFrames = (probe: FrameProbe, group: Group): StartedFrames => {
  const extents: Array<{ from: number; to: number }> = []
  const offsets: Array<number> = []
  for (const offset of group.head === 0 ? [0] : [group.head, 0]) {
    probe.load(offset)
    if (!probe.isStarted(group.newest + 1)) continue
    offsets.push(offset)
    const length = probe.extent
    if (length > 0) extents.push({ from: offset, to: offset + length })
  }
  return offsets.length > 0 ? { found: true, offsets, extents } : noStartedFrames
}

/**
 * A live frame under a started one counts as lost, however perfect it looks: its payload may have been overwritten
 * from any end.
 */
export const isOverlapped = ({ extents }: StartedFrames, offset: number, length: number): boolean => {
  for (const { from, to } of extents) if (offset < to && from < offset + length) return true
  return false
}

/** A wrap marker at the head reaches into the oldest frame: its writer died before it could say that it dropped it. */
export const markerReachesTail = (probe: FrameProbe, { head, tail }: Group): boolean => {
  if (tail < head || tail - head >= frameHeaderBytes) return false
  probe.load(head)
  return probe.isWrapMarker
}

/**
 * The message missing behind a chain lies where the dead writer was writing. A header cut short says nothing of how far
 * that reaches, but was the first thing to be written.
 */
export const deathExplains = ({ probe, started }: FrameJudge, group: Group, { end }: Chain): boolean => {
  const marked = markerReachesTail(probe, group)
  probe.follow(end)
  const from = probe.offset
  const to = from + Math.max(probe.extent, frameHeaderBytes)
  const reaches = (offset: number, length: number): boolean => offset < to && from < offset + length
  if (marked && reaches(group.head, frameHeaderBytes)) return true
  return started.offsets.some((offset) => reaches(offset, frameHeaderBytes)) || isOverlapped(started, from, to - from)
}
