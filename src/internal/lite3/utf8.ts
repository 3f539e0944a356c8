/**
 * JavaScript strings to UTF-8 bytes and back, strictly: what is not well formed is reported, never replaced. Short
 * ASCII is done in plain loops, which beat any call out of the language; the rest by the fastest means the runtime
 * has. The only file that knows of them.
 */

/** The parts of Node's `Buffer.prototype` that work on any `Uint8Array`, without making a view first. */
interface NativeText {
  utf8Write(this: Uint8Array, text: string, offset: number, maxBytes: number): number
  utf8Slice(this: Uint8Array, start: number, end: number): string
  latin1Slice(this: Uint8Array, start: number, end: number): string
}

const isComplete = (candidate: Partial<NativeText> | undefined): candidate is NativeText =>
  typeof candidate?.utf8Write === "function" &&
  typeof candidate.utf8Slice === "function" &&
  typeof candidate.latin1Slice === "function"

/** These methods are not documented, so they are put to a test before they are trusted. */
const findNativeText = (): NativeText | undefined => {
  const candidate = (globalThis as { Buffer?: { prototype?: Partial<NativeText> } }).Buffer?.prototype
  if (!isComplete(candidate)) return undefined
  try {
    const probe = new Uint8Array(8)
    const written = candidate.utf8Write.call(probe, "a\u00e9", 1, 7)
    const works =
      written === 3 &&
      candidate.utf8Slice.call(probe, 1, 4) === "a\u00e9" &&
      candidate.latin1Slice.call(probe, 1, 2) === "a"
    return works ? candidate : undefined
  } catch {
    return undefined
  }
}

/**
 * A buffer for bytes that will all be written before they are read. Node need not fill it with zeros first, which
 * takes longer than to fill it with messages.
 */
export const newBlock = (bytes: number): Uint8Array => {
  const { Buffer } = globalThis as { Buffer?: { allocUnsafeSlow?: (bytes: number) => Uint8Array } }
  const buffer = Buffer?.allocUnsafeSlow?.(bytes).buffer ?? new ArrayBuffer(bytes)
  return new Uint8Array(buffer, 0, bytes)
}

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const loneSurrogate = /\p{Surrogate}/u
const replacementCharacter = "\ufffd"

/** Below this many units a loop is faster than a call. */
const shortUnits = 20
const shortBytes = 12

/** No string needs more bytes per UTF-16 unit. */
export const maxBytesPerUnit = 3

/**
 * Writes `text` at `offset` and returns the number of bytes, or -1 when the text is not well formed. There must be
 * room for three bytes per unit.
 */
export type WriteUtf8 = (text: string, target: Uint8Array, offset: number) => number

/** The string of the bytes, or undefined when they are not well-formed UTF-8. A leading U+FEFF is kept. */
export type ReadUtf8 = (bytes: Uint8Array, start: number, end: number) => string | undefined

const writeLongPortable: WriteUtf8 = (text, target, offset) => encoder.encodeInto(text, target.subarray(offset)).written

const readLongPortable: ReadUtf8 = (bytes, start, end) => {
  try {
    return strictDecoder.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

const makeWriteUtf8 =
  (writeLong: WriteUtf8): WriteUtf8 =>
  (text, target, offset) => {
    const units = text.length
    if (units < shortUnits) {
      let index = 0
      for (; index < units; index++) {
        const unit = text.charCodeAt(index)
        if (unit > 0x7f) break
        target[offset + index] = unit
      }
      if (index === units) return units
    }
    const written = writeLong(text, target, offset)
    // As many bytes as units means ASCII throughout.
    return written !== units && loneSurrogate.test(text) ? -1 : written
  }

const makeReadUtf8 =
  (readLong: ReadUtf8): ReadUtf8 =>
  (bytes, start, end) => {
    const length = end - start
    if (length > shortBytes) return readLong(bytes, start, end)
    let union = 0
    for (let index = start; index < end; index++) union |= bytes[index]!
    return union < 0x80 ? shortAscii(bytes, start, length) : readLong(bytes, start, end)
  }

const shortAscii = (bytes: Uint8Array, start: number, length: number): string => {
  switch (length) {
    case 0:
      return ""
    case 1:
      return String.fromCharCode(bytes[start]!)
    case 2:
      return String.fromCharCode(bytes[start]!, bytes[start + 1]!)
    case 3:
      return String.fromCharCode(bytes[start]!, bytes[start + 1]!, bytes[start + 2]!)
    default: {
      const four = String.fromCharCode(bytes[start]!, bytes[start + 1]!, bytes[start + 2]!, bytes[start + 3]!)
      return length === 4 ? four : four + shortAscii(bytes, start + 4, length - 4)
    }
  }
}

/** For runtimes without a usable `Buffer`. */
export const portable = {
  writeUtf8: makeWriteUtf8(writeLongPortable),
  readUtf8: makeReadUtf8(readLongPortable)
} as const

const native = findNativeText()

export const writeUtf8: WriteUtf8 =
  native === undefined
    ? portable.writeUtf8
    : makeWriteUtf8((text, target, offset) => native.utf8Write.call(target, text, offset, target.length - offset))

export const readUtf8: ReadUtf8 =
  native === undefined
    ? portable.readUtf8
    : makeReadUtf8((bytes, start, end) => {
        const text = native.utf8Slice.call(bytes, start, end)
        // Malformed bytes became replacement characters; a real one has to prove itself.
        return text.includes(replacementCharacter) ? readLongPortable(bytes, start, end) : text
      })
