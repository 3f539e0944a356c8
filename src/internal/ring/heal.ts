/**
 * Upstream leaves padding of 8 to 56 bytes before the ring end, and its readers never get past it. A writer that sees
 * such a frame lengthens its payload over the padding: the document inside is unchanged, the bytes behind it are
 * ignored by whoever decodes it, and the old marker stays, so that a reader in flight sees either length as valid.
 */
import type { Barrier } from "../../Durability.js"
import type { Committer } from "./commit.js"
import { growPayload } from "./commit.js"
import type { Group } from "./group.js"
import type { Ring } from "./Ring.js"

/**
 * The frame at this offset now ends at the ring end, and the group that results is returned; `undefined` if that is not
 * possible. Whatever points behind the frame is put right at the time at which a death between two stores does no
 * harm: the hint before, because 0 says nothing; a tail that upstream parked in the padding before, too, because it would
 * point into the frame and no longer say that the ring is full; the head after. A frame with checksums stays: ours need
 * no healing where it is possible.
 */
export const healPadding = (
  ring: Ring,
  committer: Committer,
  group: Group,
  offset: number,
  barrier: Barrier | undefined
): Group | undefined => {
  const { probe } = ring
  probe.load(offset)
  const { end, paddingBehind, payloadBytes } = probe
  if (paddingBehind === 0 || paddingBehind % 8 !== 0 || probe.hasChecksums) return undefined
  if (payloadBytes + paddingBehind > ring.maxPayload) return undefined
  const parked = group.tail === end
  const hinted: Group =
    parked || group.tailNext === end ? { ...group, tail: parked ? 0 : group.tail, tailNext: 0 } : group
  if (hinted !== group) committer.publishGroup(hinted, barrier)
  growPayload(ring, offset, payloadBytes, paddingBehind, barrier)
  if (group.head !== end) return hinted
  const healed: Group = { ...hinted, head: 0 }
  committer.publishGroup(healed, barrier)
  return healed
}
