/**
 * Upstream leaves padding of 8 to 56 bytes before the ring end, and its readers never get past it. A writer that sees
 * such a frame lengthens its payload over the padding: the document inside is unchanged, the bytes behind it are
 * ignored by whoever decodes it, and the old marker stays, so that a reader in flight sees either length as valid.
 */
import type { Barrier } from "../../Durability.js"
import { growPayload } from "./commit.js"
import { FrameProbe } from "./frameProbe.js"
import type { Group } from "./group.js"
import type { Ring } from "./Ring.js"

/**
 * The frame at this offset ends at the ring end if that is possible, and the group that results is returned. A frame
 * with checksums stays: none of those that need it carry them, except where it is not possible.
 */
export const healPadding = (ring: Ring, group: Group, offset: number, barrier: Barrier | undefined): Group => {
  const probe = new FrameProbe(ring)
  probe.load(offset)
  const { end, paddingBehind, payloadBytes } = probe
  if (paddingBehind === 0 || paddingBehind % 8 !== 0 || probe.hasChecksums) return group
  if (payloadBytes + paddingBehind > ring.maxPayload) return group
  growPayload(ring, offset, payloadBytes, paddingBehind, barrier)
  return {
    ...group,
    head: group.head === end ? 0 : group.head,
    tailNext: group.tailNext === end ? 0 : group.tailNext
  }
}
