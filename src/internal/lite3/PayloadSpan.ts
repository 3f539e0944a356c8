/**
 * Where a payload lies in memory. A reader of many messages has a block with all of them in it, and two views of the block;
 * to make views for each message would take longer than to read it.
 */

export interface PayloadSpan {
  /** The memory, and the same memory for words. Both begin at the same byte. */
  readonly block: Uint8Array
  readonly view: DataView
  /** Where the payload begins in it, and how many bytes it has. */
  readonly start: number
  readonly length: number
}

class Span implements PayloadSpan {
  constructor(
    readonly block: Uint8Array,
    readonly view: DataView,
    readonly start: number,
    readonly length: number
  ) {}
}

/** Payloads that come one after the other mostly lie in one piece of memory. */
let lastBlock = new Uint8Array(0) as Uint8Array
let lastBuffer = lastBlock.buffer
let lastView = new DataView(lastBuffer)

export const spanOf = (payload: Uint8Array): PayloadSpan => {
  const { buffer } = payload
  if (buffer !== lastBuffer) {
    lastBuffer = buffer
    lastBlock = new Uint8Array(buffer)
    lastView = new DataView(buffer)
  }
  return new Span(lastBlock, lastView, payload.byteOffset, payload.length)
}
