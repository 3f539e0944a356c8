/**
 * How far an append had come when its process died, read off the bytes it left.
 */
import { decodeGroup } from "../../src/internal/ring/group.js"
import {
  extensionAt,
  frameAt,
  frameMagic,
  frameState,
  groupOffset,
  indexOffset
} from "../../src/internal/ring/layout.js"
import { getNumber64 } from "../../src/internal/ring/words.js"

export const phases = ["before its first store", "after dropping", "while writing its frames", "before publishing"]

export const phaseAtDeath = (bytes: Uint8Array, indexCapacity: number): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const group = decodeGroup(view, groupOffset)
  const ringOffset = indexOffset + 16 * indexCapacity
  for (const offset of [group.head, 0]) {
    const at = ringOffset + offset
    if (at + 16 > bytes.length) continue
    const isNext = view.getUint32(at, true) === frameMagic && getNumber64(view, at + frameAt.seq) === group.newest + 1
    if (isNext) return phases[view.getUint32(at + frameAt.state, true) === frameState.committed ? 3 : 2]!
  }
  return phases[getNumber64(view, groupOffset + extensionAt.appending) > 0 ? 1 : 0]!
}
