/**
 * Index slots of the messages that can be read, set right. A slot is a hint that is checked at every use, so this saves
 * walks and can stop anywhere.
 */
import { assess } from "./assess.js"
import { indexOffset, indexSlotBytes } from "./layout.js"
import type { Ring } from "./Ring.js"
import { getNumber64, setNumber64 } from "./words.js"

/** Slots that are looked at, and if need be written, together. */
const slotsTogether = 4096

const unknown = -1

/** How many slots had to be changed. The caller holds the exclusive lock. */
export const rebuildIndex = (ring: Ring): number => {
  const { indexCapacity } = ring.geometry
  const { newest, oldest } = ring.readGroupUnchecked()
  if (oldest === 0 || indexCapacity === 0) return 0
  const first = Math.max(oldest, newest - indexCapacity + 1)
  const offsets = offsetsFrom(ring, first, newest)
  const slots = new Uint8Array(Math.min(slotsTogether, indexCapacity) * indexSlotBytes)
  const view = new DataView(slots.buffer)
  let changed = 0
  let count = 0
  for (let seq = first; seq <= newest; seq += count) {
    const firstSlot = seq % indexCapacity
    count = Math.min(slotsTogether, indexCapacity - firstSlot, newest - seq + 1)
    const fileOffset = indexOffset + firstSlot * indexSlotBytes
    ring.file.read(fileOffset, slots, 0, count * indexSlotBytes)
    const changedBefore = changed
    for (let at = 0; at < count; at++) {
      const slotAt = at * indexSlotBytes
      const offset = offsets[seq + at - first]!
      if (offset === unknown) continue
      if (getNumber64(view, slotAt) === seq + at && getNumber64(view, slotAt + 8) === offset) continue
      setNumber64(view, slotAt, seq + at)
      setNumber64(view, slotAt + 8, offset)
      changed++
    }
    if (changed > changedBefore) ring.file.write(fileOffset, slots, 0, count * indexSlotBytes)
  }
  return changed
}

/** Ring offsets of the messages from `first` to `newest`. */
const offsetsFrom = (ring: Ring, first: number, newest: number): Float64Array => {
  const { prefix, suffix } = assess(ring, ring.readGroupUnchecked())
  const offsets = new Float64Array(newest - first + 1).fill(unknown)
  for (const chain of [prefix, suffix]) {
    if (chain === undefined) continue
    let position = chain.firstOffset
    for (let seq = chain.firstSeq; seq <= chain.lastSeq; seq++) {
      ring.probe.follow(position)
      if (seq >= first) offsets[seq - first] = ring.probe.offset
      position = ring.probe.end
    }
  }
  return offsets
}
