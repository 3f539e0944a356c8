/**
 * Pools to be damaged: grown by our writer or by the model of upstream's, wrapped more than once, with every message
 * they ever held remembered, so that whatever is read later can be told right or wrong.
 */
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { makeRandom, MemoryFile } from "../ring/MemoryFile.js"
import { upstreamAppend } from "../ring/UpstreamWriter.js"
import { BoundedFile } from "./BoundedFile.js"

export type Author = "ours" | "upstream"

/** Low half of the time that every message of ours carries; upstream's carry their number times 1000. */
export const ourTimestampLow = 7
export const ourTimestampHigh = 9

export interface Sample {
  readonly author: Author
  readonly file: BoundedFile
  /** By number, dropped ones included. */
  readonly messages: ReadonlyMap<number, Uint8Array>
}

/** A document that no other number has, of about this many bytes. */
export const documentOf = (seq: number, bytes: number): Uint8Array =>
  encodeText(JSON.stringify({ seq, text: "abcdefghijklmnopqrstuvwxyz".repeat(bytes / 26 + 1).slice(0, bytes) }), [
    `t${seq % 3}`
  ])

export interface SampleOptions {
  readonly author: Author
  readonly fileSize: number
  readonly indexCapacity?: number
  readonly seed: number
  /** Text in a message, at most; a payload is some 350 bytes longer. */
  readonly textBytes: number
  /** How often the ring is filled over, about. */
  readonly laps: number
}

export const makeSample = (options: SampleOptions): Sample => {
  const file = MemoryFile.create(options.fileSize, options.indexCapacity)
  const random = makeRandom(options.seed)
  const messages = new Map<number, Uint8Array>()
  const { ringSize } = Ring.open(file).geometry
  const writer = new RingWriter(Ring.open(file))
  for (let written = 0, seq = 1; written < options.laps * ringSize; seq++) {
    const payload = documentOf(seq, Math.floor(random() * options.textBytes))
    if (options.author === "upstream") upstreamAppend(file, payload)
    else writer.appendAll([payload], ourTimestampLow, ourTimestampHigh, undefined)
    messages.set(seq, payload)
    written += payload.length + 72
  }
  return { author: options.author, file: new BoundedFile(file.bytes.slice()), messages }
}
