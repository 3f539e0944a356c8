/**
 * Neighbouring messages that are selected together: from where the selection began to where it was extended to, either of
 * which may come first. By number, so that messages which are filtered away or fall out in between change nothing.
 */
import type { PageMessage } from "./message.js"

export interface MessageRange {
  /** Where it began; extending it leaves this end where it is. */
  readonly from: PageMessage
  readonly to: PageMessage
}

export const isInRange = ({ from, to }: MessageRange, seq: number): boolean =>
  from.seq <= to.seq ? seq >= from.seq && seq <= to.seq : seq >= to.seq && seq <= from.seq

/** Those of the shown messages that are selected, in their order. */
export const messagesInRange = (
  shown: Iterable<PageMessage>,
  range: MessageRange | undefined
): ReadonlyArray<PageMessage> => {
  const selected: Array<PageMessage> = []
  if (range === undefined) return selected
  for (const message of shown) if (isInRange(range, message.seq)) selected.push(message)
  return selected
}
