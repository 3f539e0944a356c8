/**
 * The live messages of a pool by a second, independent reading of the format: from the tail, frame by frame, to the
 * head, as a plain reader that knows nothing of repairs would go. It shares no code with what it checks.
 */
export interface LiveFrame {
  readonly seq: number
  /** Ring offset, and how many bytes the frame takes. */
  readonly offset: number
  readonly length: number
}

export interface LiveChain {
  readonly head: number
  readonly oldest: number
  readonly newest: number
  readonly frames: ReadonlyArray<LiveFrame>
  /** The newest message ends somewhere else than at the head, or the way to it is interrupted. */
  readonly isBroken: boolean
}

const frameMagic = 0x314d5246
const committed = 2
const wrapMarker = 3

export const ringOffsetOf = (bytes: Uint8Array): number => new DataView(bytes.buffer).getUint32(40, true)

export const chainOf = (bytes: Uint8Array): LiveChain => {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const ringOffset = view.getUint32(40, true)
  const ringSize = view.getUint32(48, true)
  const [head, tail, oldest, newest] = [64, 72, 88, 96].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
    number
  ]
  const frames: Array<LiveFrame> = []
  let at = tail
  if (oldest === 0) return { head, oldest, newest, frames, isBroken: head !== tail }
  for (let seq = oldest; seq <= newest; seq++) {
    const word = (offset: number): number => view.getUint32(ringOffset + at + offset, true)
    if (ringSize - at < 64 || (word(0) === frameMagic && word(4) === wrapMarker)) at = 0
    if (ringSize < 64 || word(0) !== frameMagic || word(4) !== committed || word(16) !== seq) break
    const length = Math.ceil((72 + word(32)) / 8) * 8
    if (at + length > ringSize || view.getUint32(ringOffset + at + 64 + word(32), true) !== 0x4d534c50) break
    frames.push({ seq, offset: at, length })
    at = at + length === ringSize ? 0 : at + length
  }
  // The head may lie in padding that has become part of the newest message: from there, too, the ring goes on at 0.
  const beyondPadding = (offset: number): number => (ringSize - offset < 64 ? 0 : offset)
  const endsAtHead = beyondPadding(at) === beyondPadding(head)
  return { head, oldest, newest, frames, isBroken: frames.length !== newest - oldest + 1 || !endsAtHead }
}

/** Where an append put its frames and marker: ranges of ring offsets. */
export interface Written {
  readonly from: number
  readonly to: number
}

/**
 * The messages that an append was entitled to drop: those its stores touch, those that lie behind the head when it
 * leaves the head for offset 0, and all older ones.
 */
export const entitledDrop = (before: LiveChain, written: ReadonlyArray<Written>): number => {
  const first = written.reduce((least, { from }) => Math.min(least, from), Infinity)
  const wraps = first === 0 && before.head !== 0
  let upTo = before.oldest - 1
  for (const { length, offset, seq } of before.frames) {
    const touched = written.some(({ from, to }) => offset < to && from < offset + length)
    // Behind the head lies only what is older than the wrap of the last lap.
    const skipped = wraps && offset >= before.head
    if (touched || skipped) upTo = Math.max(upTo, seq)
  }
  return upTo
}
