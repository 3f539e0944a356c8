/**
 * What a look at a pool brought, for all tails that follow it: put into the words of each format once, when the first of
 * them asks.
 */
import type { StoredMessage, TailBatch } from "../../src/EncodedPool.js"
import type { PoolError } from "../../src/PoolError.js"
import { encodePiece } from "./encodePiece.js"
import type { TailFormat } from "./tailFormats.js"

export interface SharedPiece {
  readonly messages: ReadonlyArray<StoredMessage>
  readonly content: Uint8Array
  readonly firstSeq: number
  readonly lastSeq: number
}

interface Encoded {
  readonly pieces: ReadonlyArray<SharedPiece>
  /** Why there are no more of them. */
  readonly failure: PoolError | undefined
}

export class SharedBatch {
  private readonly encoded = new Map<TailFormat, Encoded>()

  constructor(readonly batch: TailBatch) {}

  /** The number that comes behind all of it. */
  nextSeq(before: number): number {
    const { damage, gap, messages } = this.batch
    return Math.max(before, gap?.found ?? 0, (messages.at(-1)?.seq ?? 0) + 1, (damage?.seq ?? 0) + 1)
  }

  in(format: TailFormat): Encoded {
    const known = this.encoded.get(format)
    if (known !== undefined) return known
    const { damage, messages } = this.batch
    const pieces: Array<SharedPiece> = []
    let failure: PoolError | undefined
    for (let start = 0; start < messages.length && failure === undefined;) {
      const piece = encodePiece(format, messages, start, Number.POSITIVE_INFINITY)
      failure = piece.failure
      if (piece.next > start) {
        pieces.push({
          messages: messages.slice(start, piece.next),
          // As bytes, so that no connection has to encode the text again.
          content: typeof piece.content === "string" ? Buffer.from(piece.content) : piece.content,
          firstSeq: messages[start]!.seq,
          lastSeq: messages[piece.next - 1]!.seq
        })
      }
      start = piece.next
    }
    const encoded = { pieces, failure: failure ?? damage }
    this.encoded.set(format, encoded)
    return encoded
  }
}
