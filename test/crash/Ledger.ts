/**
 * What was ever handed to a writer, and what is wrong with what came out of a pool. A number whose append died is given
 * out again, so that a number may stand for several payloads; a reader may see any one of them, whole.
 */
import { makeRandom } from "../ring/MemoryFile.js"

/** How a promise can be broken. */
export const breaches = ["lost", "torn", "invented", "reordered", "unreported", "unsound", "hung", "failed"] as const
export type Breach = (typeof breaches)[number]

/** A broken promise; the message says at which message or step. */
export class Violation extends Error {
  constructor(
    readonly breach: Breach,
    message: string
  ) {
    super(`${breach}: ${message}`)
  }
}

/** Zeros that fill the ring up, or the old marker and filler of a frame whose padding was absorbed. */
const mostBytesBehind = 72

export class Ledger {
  private readonly payloads = new Map<number, Array<Uint8Array>>()
  private attempts = 0

  constructor(from?: Ledger) {
    if (from === undefined) return
    this.attempts = from.attempts
    for (const [seq, payloads] of from.payloads) this.payloads.set(seq, payloads.slice())
  }

  /** A payload that differs from all others in its first bytes. */
  payload(seq: number, length: number): Uint8Array {
    const payload = new Uint8Array(length)
    const random = makeRandom(seq * 1009 + ++this.attempts * 31)
    for (let at = 0; at < length; at++) payload[at] = random() * 256
    const attempts = this.payloads.get(seq)
    if (attempts === undefined) this.payloads.set(seq, [payload])
    else attempts.push(payload)
    return payload
  }

  /** Throws unless somebody wrote just this under this number. */
  check(seq: number, stored: Uint8Array): void {
    const attempts = this.payloads.get(seq)
    if (attempts === undefined) throw new Violation("invented", `message ${seq} was never written`)
    for (const payload of attempts) {
      const behind = stored.length - payload.length
      if (behind < 0 || behind > mostBytesBehind) continue
      let at = 0
      while (at < payload.length && payload[at] === stored[at]) at++
      if (at === payload.length) return
    }
    throw new Violation("torn", `message ${seq} of ${stored.length} bytes is none that was written`)
  }
}
