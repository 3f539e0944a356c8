/**
 * Upstream leaves padding of 8 to 56 bytes before the ring end, and its readers never get past it. A writer that sees
 * such a frame lengthens its payload over the padding: the document inside is unchanged, the bytes behind it are
 * ignored by whoever decodes it, and the old marker stays, so that a reader in flight sees either length as valid.
 */
import type { Barrier } from "../../Durability.js"
import type { Committer } from "./commit.js"
import { growPayload } from "./commit.js"
import type { Group } from "./group.js"
import { sameGroup } from "./group.js"
import type { Ring } from "./Ring.js"

/**
 * The frame at this offset now ends at the ring end, and the group that results is returned; `undefined` if that is not
 * possible. Whatever points behind the frame is put right first, in one store: behind padding the ring goes on at 0 anyway,
 * so that a death after it leaves an ordinary pool with padding, while a frame that reaches beyond the head, or the tail that
 * upstream parked there, would lead its next writer astray. A frame with checksums stays: ours need no healing where it
 * is possible.
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
  const moved = (position: number): number => (position === end ? 0 : position)
  const tail = moved(group.tail)
  // A hint of 0 says nothing.
  const tailNext = tail === group.tail ? moved(group.tailNext) : 0
  const healed: Group = { ...group, head: moved(group.head), tail, tailNext }
  if (!sameGroup(healed, group)) committer.publishGroup(healed, barrier)
  growPayload(ring, offset, payloadBytes, paddingBehind, barrier)
  return healed
}
