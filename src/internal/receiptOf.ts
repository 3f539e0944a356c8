/**
 * The receipt of an append with a key, from what the pool has told of the message.
 */
import type { AppendedMessage } from "../EncodedPool.js"
import { Receipt } from "../Message.js"

/** A class of its own, so that all others need not carry the fact. */
class RepeatedReceipt extends Receipt {
  override get repeated(): boolean {
    return true
  }

  override toJSON(): ReturnType<Receipt["toJSON"]> {
    return { ...super.toJSON(), repeated: true }
  }
}

export const receiptOf = ({ repeated, seq, tags, timestampHigh, timestampLow }: AppendedMessage): Receipt =>
  new (repeated ? RepeatedReceipt : Receipt)(seq, timestampLow, timestampHigh, tags)
