/**
 * What a writer looks at each time it gets the lock: has somebody died here since? The cost is a handful of small
 * reads, plus one look at each frame that others appended since this handle last knew the newest one.
 */
import type { Chain } from "./chain.js"
import { FrameProbe } from "./frameProbe.js"
import type { Group } from "./group.js"
import { groupProblem } from "./group.js"
import { frameHeaderBytes, smallestStub } from "./layout.js"
import type { Ring } from "./Ring.js"

/**
 * - `sound`: append.
 * - `hint`: only the hint where the oldest frame ends is wrong.
 * - `suspect`: assess the pool before touching it.
 */
export type EntryVerdict = "sound" | "hint" | "suspect"

export class EntryCheck {
  /** The oldest frame, once a check of a pool that is not empty did not end in `suspect`. */
  tailOffset = 0
  tailEnd = 0
  /** A frame with padding behind it, seen on the way, or -1. */
  paddedFrame = -1
  /** Number of the newest frame known to be whole, and where the chain goes on behind it. */
  private knownSeq = 0
  private knownEnd = 0
  /** What lay at ring offset 0 instead of a live message when the pool was last assessed. */
  private assessedStart: Uint8Array | undefined
  /** The header of the message that was last found whole at ring offset 0. */
  private readonly wholeStart = new Int32Array(frameHeaderBytes / 4)
  private readonly probe: FrameProbe

  constructor(private readonly ring: Ring) {
    this.probe = new FrameProbe(ring)
  }

  /** The newest frame, as this handle left it or has checked it: the next walk starts here. */
  remember(seq: number, end: number): void {
    this.knownSeq = seq
    this.knownEnd = end
  }

  get remembersNothing(): boolean {
    return this.knownSeq === 0
  }

  /** Starts later walks at this frame if it is what it is said to be. */
  trust(group: Group, seq: number, offset: number): void {
    if (group.oldest === 0 || seq < group.oldest || seq > group.newest) return
    if (offset >= this.ring.geometry.ringSize || (offset & 7) !== 0) return
    this.probe.load(offset)
    if (this.probe.isMessage(seq)) this.remember(seq, this.probe.end)
  }

  run(group: Group): EntryVerdict {
    const { probe } = this
    this.paddedFrame = -1
    if (groupProblem(group, this.ring.geometry.ringSize) !== undefined) return "suspect"
    if (group.oldest === 0) {
      probe.load(group.head)
      return probe.isStarted(group.newest + 1) ? "suspect" : "sound"
    }
    if (!probe.find(group.tail, group.oldest)) return "suspect"
    this.tailOffset = probe.offset
    this.tailEnd = probe.end
    if (!this.edgesAreSound(group) || !this.chainReachesHead(group)) return "suspect"
    return group.tailNext === 0 || group.tailNext === this.tailEnd ? "sound" : "hint"
  }

  /**
   * The same verdict with fewer looks, for a group that has not changed since the writer published it: whoever touches a
   * live frame has begun to write at the head or at 0 before, so only these places can tell. False where that is not
   * enough to know.
   */
  stillSound(group: Group): boolean {
    const { head, tail } = group
    this.paddedFrame = -1
    // A marker at the head may reach into the frame at the tail, and a look at 0 may be one at the tail.
    const isApart = tail < head || tail - head >= frameHeaderBytes
    return isApart && tail !== 0 && tail === this.tailOffset && this.edgesAreSound(group)
  }

  /**
   * Takes a pool for what an assessment found, or made of it: traces of the dead that are still there do no harm, and
   * behind a hole the chain `behindHole` leads to the newest message.
   */
  settle(group: Group, behindHole: Chain | undefined): void {
    const { probe } = this
    this.remember(0, 0)
    this.paddedFrame = -1
    this.assessedStart = undefined
    if (group.oldest === 0) return
    if (!probe.find(group.tail, group.oldest)) throw new Error(`message ${group.oldest} is not where a repair left it`)
    this.tailOffset = probe.offset
    this.tailEnd = probe.end
    if (!this.edgesAreSound(group)) {
      probe.load(0)
      this.assessedStart = probe.copyHeader()
    }
    if (this.walk(group, group.oldest, group.tail)) return
    if (behindHole === undefined) throw new Error(`message ${group.newest} is not where a repair left it`)
    this.remember(group.newest, behindHole.end)
  }

  /** The two places where an append begins show no trace of one. */
  private edgesAreSound(group: Group): boolean {
    const { probe, tailOffset } = this
    const { head, newest, oldest, tail } = group
    if (tailOffset !== 0) {
      probe.load(0)
      if (probe.isStarted(newest + 1)) return false
      if (head > 0 && head <= tailOffset) {
        const { seq } = probe
        const isLive = seq >= oldest && seq <= newest && this.isMessageAtStart(seq)
        // A hole stays as it is: whoever begins to write there begins with the header.
        if (!isLive && !probe.hasHeader(this.assessedStart)) return false
      }
    }
    if (head === tail || head === 0) return true
    return !probe.beganAt(head, newest + 1)
  }

  /** What was loaded from offset 0 is this message. Its end need not be looked at again while its header stays as it is. */
  private isMessageAtStart(seq: number): boolean {
    const { probe, wholeStart } = this
    if (probe.hasWords(wholeStart)) return true
    if (!probe.isMessage(seq)) return false
    probe.copyWords(wholeStart)
    return true
  }

  /** From the newest frame known, each next one is there, up to the newest, which ends at the head. */
  private chainReachesHead(group: Group): boolean {
    const { newest, oldest } = group
    if (this.knownSeq < oldest || this.knownSeq > newest) return this.walk(group, oldest, group.tail)
    if (this.knownSeq === newest) return this.knownEnd === group.head
    return this.walk(group, this.knownSeq + 1, this.knownEnd)
  }

  private walk(group: Group, firstSeq: number, position: number): boolean {
    const { probe } = this
    let at = position
    for (let seq = firstSeq; seq <= group.newest; seq++) {
      if (!probe.find(at, seq)) return false
      if (probe.paddingBehind > 0) this.paddedFrame = probe.offset
      at = probe.end
    }
    // Behind padding the ring goes on at 0; the head has left it before the padding is absorbed.
    const end = group.head === 0 && this.ring.geometry.ringSize - at < smallestStub ? 0 : at
    this.remember(group.newest, end)
    return end === group.head
  }
}
