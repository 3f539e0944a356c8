/**
 * Finds chains in a ring whose tail cannot be trusted, by looking at every place where a frame could start. Slow, and
 * only used on damaged pools.
 */
import type { Chain, FrameJudge } from "./chain.js"
import { walkChain } from "./chain.js"
import { frameHeaderBytes, frameMagic } from "./layout.js"

/** The chain that reaches message `newest` from the smallest number not below `oldest`. */
export const findChain = (judge: FrameJudge, oldest: number, newest: number, head: number): Chain | undefined => {
  const frames = scanFrames(judge, oldest, newest)
  let best: FoundFrame | undefined
  for (const frame of frames) {
    if (frame.seq !== newest || judge.isAstray(frame, head)) continue
    const better =
      best === undefined ||
      frame.start.seq < best.start.seq ||
      (frame.start.seq === best.start.seq && frame.end === head && best.end !== head)
    if (better) best = frame
  }
  return best === undefined ? undefined : walkChain(judge, best.start.offset, best.start.seq, newest)
}

/** The chain of most messages with numbers from `oldest` to `newest`; of two equal ones, the newer. */
export const longestChain = (judge: FrameJudge, oldest: number, newest: number): Chain | undefined => {
  let best: FoundFrame | undefined
  for (const frame of scanFrames(judge, oldest, newest)) {
    if (best === undefined || frame.seq - frame.start.seq >= best.seq - best.start.seq) best = frame
  }
  return best === undefined ? undefined : walkChain(judge, best.start.offset, best.start.seq, best.seq)
}

class FoundFrame {
  /** The oldest frame from which the chain leads here. */
  start: FoundFrame = this
  constructor(
    readonly seq: number,
    readonly offset: number,
    /** Where the next frame starts, 0 at the ring end. */
    readonly end: number,
    /** Where the chain leads from there, past padding or a wrap marker. */
    readonly next: number
  ) {}
}

/** All whole frames with such numbers, by number, each linked to the start of its chain. */
const scanFrames = (judge: FrameJudge, oldest: number, newest: number): ReadonlyArray<FoundFrame> => {
  const found: Array<FoundFrame> = []
  scanMagic(judge, (offset) => {
    const frame = frameAtOffset(judge, offset, oldest, newest)
    if (frame !== undefined) found.push(frame)
  })
  found.sort((one, other) => one.seq - other.seq)
  const leadingTo = new Map<number, Array<FoundFrame>>()
  for (const frame of found) {
    for (const before of leadingTo.get(frame.offset) ?? []) {
      if (before.seq === frame.seq - 1 && before.start.seq < frame.start.seq) frame.start = before.start
    }
    const others = leadingTo.get(frame.next)
    if (others === undefined) leadingTo.set(frame.next, [frame])
    else others.push(frame)
  }
  return found
}

const frameAtOffset = (judge: FrameJudge, offset: number, oldest: number, newest: number): FoundFrame | undefined => {
  const { probe } = judge
  probe.load(offset)
  const { seq } = probe
  if (seq < oldest || seq > newest || !judge.isWhole(seq)) return undefined
  const { end } = probe
  probe.follow(end)
  return new FoundFrame(seq, offset, end, probe.offset)
}

/** Bytes looked at together. A multiple of 8, so that no magic number lies across two windows. */
const windowBytes = 64 * 1024

const scanMagic = (judge: FrameJudge, visit: (offset: number) => void): void => {
  const { ring } = judge
  const { ringSize } = ring.geometry
  const window = new Uint8Array(Math.min(windowBytes, ringSize))
  const view = new DataView(window.buffer)
  for (let from = 0; from + frameHeaderBytes <= ringSize; from += windowBytes) {
    const length = Math.min(window.length, ringSize - from)
    ring.read(from, window, 0, length)
    for (let at = 0; at + 4 <= length; at += 8) {
      if (view.getUint32(at, true) === frameMagic) visit(from + at)
    }
  }
}
