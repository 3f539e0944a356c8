/**
 * Frames that follow each other in number and place. A chain is known by its ends: what lies between was walked once,
 * and can be walked again.
 */
import { FrameProbe } from "./frameProbe.js"
import type { StartedFrames } from "./deadWriter.js"
import { isOverlapped, noStartedFrames } from "./deadWriter.js"
import { frameState } from "./layout.js"
import type { Ring } from "./Ring.js"

export interface Chain {
  readonly firstSeq: number
  readonly firstOffset: number
  /** Where the frame after the first one starts; 0 at the ring end. */
  readonly firstEnd: number
  readonly lastSeq: number
  readonly lastOffset: number
  /** Where the frame after the last one would start; 0 at the ring end. */
  readonly end: number
  /** Frames that were left as started although they are whole. */
  readonly started: ReadonlyArray<StartedMessage>
}

export interface StartedMessage {
  readonly seq: number
  readonly offset: number
}

/** Decides which frames of a pool at rest count as whole. */
export class FrameJudge {
  readonly probe: FrameProbe
  /** What a dead writer was writing; live frames under it are lost. */
  started: StartedFrames = noStartedFrames

  constructor(readonly ring: Ring) {
    this.probe = new FrameProbe(ring)
  }

  /** The frame that the chain leads to from here is this message, whole. Leaves it loaded. */
  find(position: number, seq: number): boolean {
    this.probe.follow(position)
    return this.isWhole(seq)
  }

  /** The frame loaded is this message, whole. */
  isWhole(seq: number): boolean {
    const { probe, started } = this
    if (probe.seq !== seq || !probe.isComplete) return false
    if (probe.state !== frameState.committed && !this.isHalfReplaced()) return false
    return !isOverlapped(started, probe.offset, probe.length)
  }

  /**
   * A newest message that does not end at the head, and whose header is torn: its number came with it, its length from
   * what lay there before.
   */
  isAstray({ end, offset }: { readonly end: number; readonly offset: number }, head: number): boolean {
    if (end === head) return false
    this.probe.load(offset)
    return this.probe.headerIsTorn
  }

  /** A dead writer replaced magic and state of a live frame, and nothing else of it. */
  private isHalfReplaced(): boolean {
    const { probe, ring } = this
    if (probe.state !== frameState.started) return false
    if (probe.hasChecksums && !probe.checksumsHold) return false
    return ring.payloadProblem(probe.readPayload()) === undefined
  }
}

/** The whole frames from a position on that are `firstSeq` and the numbers after it, at most up to `lastSeq`. */
export const walkChain = (
  judge: FrameJudge,
  position: number,
  firstSeq: number,
  lastSeq: number
): Chain | undefined => {
  const { probe } = judge
  if (!judge.find(position, firstSeq)) return undefined
  const firstOffset = probe.offset
  const firstEnd = probe.end
  const started: Array<StartedMessage> = []
  let lastOffset = firstOffset
  let end = firstEnd
  let seq = firstSeq
  for (;;) {
    if (probe.state === frameState.started) started.push({ seq, offset: probe.offset })
    if (seq === lastSeq || !judge.find(end, seq + 1)) break
    seq++
    lastOffset = probe.offset
    end = probe.end
  }
  return { firstSeq, firstOffset, firstEnd, lastSeq: seq, lastOffset, end, started }
}
