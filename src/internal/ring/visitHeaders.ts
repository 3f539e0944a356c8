/**
 * What the headers of retained messages say, without their payloads: when each was appended, and how long it is. Nobody is
 * waited for and nothing is proved, so this is for maps, searches and statistics, not for delivering messages.
 */
import type { HeadersVisited, HeaderVisitor } from "../../EncodedPool.js"
import type { Ring } from "./Ring.js"
import { locateWithin, notYet } from "./seqIndex.js"

/**
 * Visits retained messages from `from` on, in order, and looks at no more than `most`. Returns the number from which to go
 * on, which is `from` itself when all of the looks went into finding it; `end` when there is none from there on; `damaged`
 * when the ring does not lead on from there. Throws `Corrupt` when the whole pool is unusable.
 */
export const visitHeaders = (ring: Ring, from: number, most: number, visit: HeaderVisitor): HeadersVisited => {
  const { probe } = ring
  const group = ring.readGroup()
  const { newest, oldest } = group
  if (oldest === 0 || from > newest) return "end"
  const first = Math.max(from, oldest)
  const found = first === oldest ? group.tail : locateWithin(ring, group, first, most)
  if (found === notYet) return first
  let seq = first
  let position = found
  for (const last = Math.min(newest, first + most - 1); seq <= last; seq++) {
    if (position < 0 || !probe.find(position, seq)) return broken(ring, seq)
    ring.marks.note(seq, probe.offset)
    // The probe is shared with whatever the visitor does.
    position = probe.end
    if (!visit(seq, probe.timestampLow, probe.timestampHigh, probe.payloadBytes)) return seq + 1
  }
  return seq
}

/** A writer gives messages up before it overwrites them: what is still retained and not there is damage. */
const broken = (ring: Ring, seq: number): HeadersVisited => {
  const { oldest } = ring.readGroup()
  if (oldest === 0) return "end"
  return oldest > seq ? oldest : "damaged"
}
