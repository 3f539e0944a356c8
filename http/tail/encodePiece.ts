/**
 * Messages in the words of a format, so many at a time as are handed to a connection in one piece.
 */
import type { StoredMessage } from "../../src/EncodedPool.js"
import { damagedPayload } from "../../src/internal/selectMessages.js"
import { isPoolError, type PoolError } from "../../src/PoolError.js"
import type { TailFormat } from "./tailFormats.js"

/** A piece is complete with the message that reaches this. */
const pieceBytes = 64 * 1024

export interface EncodedPiece {
  readonly content: string | Uint8Array
  /** The index of the first message that is not in it. */
  readonly next: number
  /** Why the next message cannot be. */
  readonly failure: PoolError | undefined
}

export const encodePiece = (
  format: TailFormat,
  messages: ReadonlyArray<StoredMessage>,
  start: number,
  most: number
): EncodedPiece => {
  const texts: Array<string> = []
  const blocks: Array<Uint8Array> = []
  let bytes = 0
  let failure: PoolError | undefined
  let next = start
  for (; next < messages.length && next - start < most && bytes < pieceBytes; next++) {
    const message = messages[next]!
    try {
      const encoded = format.message(message)
      if (typeof encoded === "string") texts.push(encoded)
      else blocks.push(encoded)
      bytes += encoded.length
    } catch (error) {
      if (!isPoolError(error)) throw error
      failure = damagedPayload(error, message.seq)
      break
    }
  }
  return { content: blocks.length === 0 ? texts.join("") : Buffer.concat(blocks), next, failure }
}
