/**
 * Messages that prove themselves. The body of each is one word of 8 letters, its author and its number, over and
 * over: two messages have no word in common, so any mixture of two shows, and from the word alone the whole payload
 * can be made again and compared, byte by byte.
 */
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { scatter } from "./random.js"

/** How long the messages of one pool are. */
export interface Mixture {
  readonly seed: number
  /** The longest payload, about. */
  readonly largestBytes: number
}

/** The `counter`-th message of one author. */
export interface Origin {
  readonly author: number
  readonly counter: number
}

const wordBytes = 8
const authorLetters = 3
const letters = 36
const placeholder = "@".repeat(wordBytes)

/** One number for an origin, for maps. */
export const keyOf = ({ author, counter }: Origin): number => author * letters ** (wordBytes - authorLetters) + counter

const wordOf = ({ author, counter }: Origin): string =>
  author.toString(letters).padStart(authorLetters, "0") +
  counter.toString(letters).padStart(wordBytes - authorLetters, "0")

/** Of sixteen messages nine are short, four middling, and three so long that copying them takes most of the time. */
const wordCount = ({ largestBytes, seed }: Mixture, { author, counter }: Origin): number => {
  const chance = scatter(scatter(seed + author) + counter)
  const part = chance >>> 4
  const most = Math.max(1, Math.floor((largestBytes - bodyStart) / wordBytes))
  switch ((chance & 15) >> 2) {
    case 0:
    case 1:
      return Math.min(most, 1 + (part % 40))
    case 2:
      return Math.min(most, 128 + 16 * (part % 25))
    default:
      return (chance & 3) === 0 ? 1 : Math.max(1, Math.floor((most * (1 + (part % 8))) / 8))
  }
}

const templateOf = (words: number): Uint8Array => encodeValue({ body: placeholder.repeat(words) }, [])
const bodyStart = Buffer.from(templateOf(1)).indexOf(placeholder)

const templates = new Map<number, Uint8Array>()
const templateFor = (words: number): Uint8Array => {
  let template = templates.get(words)
  if (template === undefined) {
    template = templateOf(words)
    const start = Buffer.from(template).indexOf(placeholder)
    if (start !== bodyStart) throw new Error(`a body of ${words} words starts at ${start}, not at ${bodyStart}`)
    templates.set(words, template)
  }
  return template
}

export const payloadOf = (mixture: Mixture, origin: Origin): Uint8Array => {
  const words = wordCount(mixture, origin)
  const payload = templateFor(words).slice()
  payload.set(Buffer.from(wordOf(origin), "latin1"), bodyStart)
  const end = bodyStart + words * wordBytes
  for (let done = bodyStart + wordBytes; done < end; done += done - bodyStart) {
    payload.copyWithin(done, bodyStart, Math.min(done, bodyStart + end - done))
  }
  return payload
}

/** The same message as JSON text, for programs that take text. */
export const textOf = (mixture: Mixture, origin: Origin): string =>
  `{"body":"${wordOf(origin).repeat(wordCount(mixture, origin))}"}`

export const payloadBytesOf = (mixture: Mixture, origin: Origin): number =>
  templateFor(wordCount(mixture, origin)).length

/** A writer may add up to 56 zeroes after the document; their author's claim ends before them. */
const longestAddition = 56

/** Who wrote this message, or `undefined` if not every byte of it is what somebody wrote. */
export const originOf = (mixture: Mixture, payload: Uint8Array): Origin | undefined => {
  const word = Buffer.from(payload.buffer, payload.byteOffset + bodyStart, wordBytes).toString("latin1")
  if (payload.length < bodyStart + wordBytes || !/^[0-9a-z]{8}$/.test(word)) return undefined
  const origin = {
    author: Number.parseInt(word.slice(0, authorLetters), letters),
    counter: Number.parseInt(word.slice(authorLetters), letters)
  }
  const expected = payloadOf(mixture, origin)
  const added = payload.length - expected.length
  if (added < 0 || added > longestAddition) return undefined
  return Buffer.compare(payload.subarray(0, expected.length), expected) === 0 ? origin : undefined
}

/** Bytes of the ring that a message takes up. */
export const frameBytesOf = (payloadBytes: number): number => Math.ceil((72 + payloadBytes) / 8) * 8
