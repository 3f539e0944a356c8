/**
 * A model of upstream's append: its planner, its order of stores, its habit of overwriting frames that the header
 * still announces. It grows pools as upstream would, and leaves the crash images that upstream leaves.
 */
import { decodeGroup } from "../../src/internal/ring/group.js"
import { decodeGeometry } from "../../src/internal/ring/header.js"
import type { MemoryFile } from "./MemoryFile.js"

const encoder = new TextEncoder()
const padding = 64

export interface UpstreamAppend {
  readonly seq: number
  readonly frameOffset: number
  readonly wrapOffset: number | undefined
  /** Numbers of the messages dropped. */
  readonly dropped: Array<number>
}

export const lengthOf = (payloadBytes: number): number => Math.ceil((72 + payloadBytes) / 8) * 8

export const upstreamAppend = (file: MemoryFile, payload: Uint8Array): UpstreamAppend => {
  const view = new DataView(file.bytes.buffer)
  const { indexCapacity, ringOffset, ringSize } = decodeGeometry(view, file.byteLength, file.path)
  const { head, newest, oldest, tail, tailNext } = decodeGroup(view, 64)
  const length = lengthOf(payload.length)
  if (length > ringSize) throw new Error("too large")
  const plan = { tail, oldest, moved: false, first: true, emptied: oldest === 0 }
  const dropped: Array<number> = []
  const u32 = (at: number): number => view.getUint32(ringOffset + at, true)
  const seqAt = (at: number): number => u32(at + 16)
  const isFrame = (at: number): boolean => u32(at) === 0x314d5246 && u32(at + 4) === 2
  const isMarker = (at: number): boolean => u32(at) === 0x314d5246 && u32(at + 4) === 3
  const free = (): number => {
    if (plan.emptied) return ringSize
    return ringSize - (head > plan.tail ? head - plan.tail : ringSize - (plan.tail - head))
  }
  const needed = (): number => {
    if (plan.emptied || ringSize - head >= length) return length
    return ringSize - head >= padding ? length + padding : length + ringSize - head
  }
  const drop = (): void => {
    const usesHint =
      plan.first && tailNext !== 0 && ringSize - tailNext >= padding && (tailNext > plan.tail || tailNext === tail)
    plan.first = false
    if (usesHint && tailNext > plan.tail) {
      dropped.push(plan.oldest)
      plan.tail = tailNext
      plan.oldest++
    } else if (ringSize - plan.tail < padding || isMarker(plan.tail)) plan.tail = 0
    else if (isFrame(plan.tail)) {
      const seq = seqAt(plan.tail)
      dropped.push(seq)
      const end = plan.tail + lengthOf(u32(plan.tail + 32))
      plan.tail = end === ringSize ? 0 : end
      plan.oldest = seq + 1
    } else throw new Error(`upstream: no frame at ${plan.tail}`)
    plan.moved = true
    if (plan.tail === head) {
      plan.emptied = true
      plan.oldest = 0
    }
  }
  const isShort = (): boolean => free() < needed() || (ringSize - head < length && plan.tail < length)
  while (!plan.emptied && isShort()) drop()

  const fits = ringSize - head >= length
  const frameOffset = fits ? head : 0
  const wrapOffset = !fits && ringSize - head >= padding ? head : undefined
  const seq = newest + 1
  const newHead = frameOffset + length === ringSize ? 0 : frameOffset + length
  const newTail = plan.emptied ? frameOffset : plan.tail
  const endAt = (at: number): number => {
    if (ringSize - at < padding || isMarker(at)) return 0
    const end = at + lengthOf(u32(at + 32))
    return end === ringSize ? 0 : end
  }
  const newTailNext = plan.emptied ? newHead : plan.moved ? endAt(newTail) : tailNext

  const header = new Uint8Array(64)
  const fields = new DataView(header.buffer)
  const writeHeader = (at: number, state: number, number: number, bytes: number): void => {
    header.set(encoder.encode("FRM1"))
    fields.setUint32(4, state, true)
    fields.setUint32(12, 64, true)
    fields.setUint32(16, number, true)
    fields.setUint32(24, number * 1000, true)
    fields.setUint32(32, bytes, true)
    fields.setUint32(36, ~bytes, true)
    file.write(ringOffset + at, header, 0, 64)
    header.fill(0)
  }
  if (wrapOffset !== undefined) writeHeader(wrapOffset, 3, 0, 0)
  writeHeader(frameOffset, 1, seq, payload.length)
  file.write(ringOffset + frameOffset + 64, payload, 0, payload.length)
  file.write(ringOffset + frameOffset + 64 + payload.length, encoder.encode("PLSMCMIT"), 0, 8)
  file.store32(ringOffset + frameOffset + 4, 2)
  if (indexCapacity > 0) {
    const slot = 4096 + 16 * (seq % indexCapacity)
    file.store64(slot, seq, 0)
    file.store64(slot + 8, frameOffset, 0)
  }
  const stores = [newHead, newTail, newTailNext, plan.emptied ? seq : plan.oldest, seq]
  for (const [index, value] of stores.entries()) file.store64(64 + index * 8, value, 0)
  return { seq, frameOffset, wrapOffset, dropped }
}
