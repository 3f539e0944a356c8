/**
 * What a power cut in `fast` mode must leave readable, by a second reading of the file: of the messages that the header on
 * the disk announces, and that the append did not drop, those that reached the disk without a break from the oldest on,
 * and without a break up to the newest.
 */
import { chainOf, ringOffsetOf } from "./chainModel.js"
import type { Scenario } from "./scenarios.js"

interface FrameBytes {
  readonly offset: number
  readonly bytes: Uint8Array
}

export class Survivors {
  /** Each message as it lay in the file at some time: absorbed padding makes a second version of one. */
  private readonly versions = new Map<number, Array<FrameBytes>>()
  private readonly oldestKept: number

  constructor({ after, before, stores }: Scenario) {
    const bytes = before.slice()
    this.take(bytes)
    for (const { bytes: stored, offset } of stores) {
      bytes.set(stored, offset)
      this.take(bytes)
    }
    const { newest, oldest } = chainOf(after)
    this.oldestKept = oldest === 0 ? newest + 1 : oldest
  }

  /** Numbers of the messages that have to be read. */
  of(image: Uint8Array): Array<number> {
    const { newest, oldest } = chainOf(image)
    if (oldest === 0) return []
    const survivors = new Set<number>()
    for (let seq = newest; seq >= Math.max(oldest, this.oldestKept) && this.reached(image, seq); seq--)
      survivors.add(seq)
    // While the header announces what the append was dropping, the oldest are no longer there.
    if (oldest >= this.oldestKept)
      for (let seq = oldest; seq <= newest && this.reached(image, seq); seq++) survivors.add(seq)
    return [...survivors].sort((one, other) => one - other)
  }

  private reached(image: Uint8Array, seq: number): boolean {
    const versions = this.versions.get(seq) ?? []
    return versions.some(
      ({ bytes, offset }) => Buffer.compare(bytes, image.subarray(offset, offset + bytes.length)) === 0
    )
  }

  private take(file: Uint8Array): void {
    const ringOffset = ringOffsetOf(file)
    for (const { length, offset, seq } of chainOf(file).frames) {
      const at = ringOffset + offset
      const known = this.versions.get(seq) ?? []
      this.versions.set(seq, known)
      const bytes = file.subarray(at, at + length)
      if (known.some((version) => version.offset === at && Buffer.compare(version.bytes, bytes) === 0)) continue
      known.push({ offset: at, bytes: bytes.slice() })
    }
  }
}
