/**
 * The tail of the ring while an append gives up old messages. Where the next one is damaged, all up to the chain that
 * leads to the newest message are given up with it: that is how a hole leaves a pool.
 */
import type { OldestFrame } from "./appendPlan.js"
import { assess } from "./assess.js"
import { FrameProbe } from "./frameProbe.js"
import type { Group } from "./group.js"
import type { Ring } from "./Ring.js"

export class RingTail implements OldestFrame {
  offset = 0
  end = 0
  seq = 0
  private group: Group | undefined
  private readonly probe: FrameProbe

  constructor(private readonly ring: Ring) {
    this.probe = new FrameProbe(ring)
  }

  /** Stands on the tail frame of `group`, known to be whole. */
  reset(group: Group, offset: number, end: number): void {
    this.group = group
    this.offset = offset
    this.end = end
    this.seq = group.oldest
  }

  drop(): boolean {
    const group = this.group!
    const next = this.seq + 1
    if (next > group.newest) return false
    if (this.probe.find(this.end, next)) {
      this.offset = this.probe.offset
      this.end = this.probe.end
      this.seq = next
      return true
    }
    const { suffix } = assess(this.ring, group)
    if (suffix === undefined || suffix.firstSeq <= this.seq) return false
    this.offset = suffix.firstOffset
    this.end = suffix.firstEnd
    this.seq = suffix.firstSeq
    return true
  }
}
