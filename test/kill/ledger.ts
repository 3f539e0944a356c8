/**
 * What is known to have happened to one pool, round after round of killing, and whether what it holds agrees. Pure
 * bookkeeping: journals and the pool's content go in, violations come out.
 */
import type { JournalRecord } from "./journal.js"
import { frameBytesOf, keyOf, type Mixture, type Origin, payloadBytesOf } from "./messages.js"
import type { Violation, ViolationKind } from "./tally.js"

export interface Testimony {
  /** 0 for a process that only reads. */
  readonly author: number
  readonly records: ReadonlyArray<JournalRecord>
  /** How many messages it may have stored without having said so: those of its last append. */
  readonly unsaid: number
}

/** What a pool holds at rest. */
export interface Content {
  readonly ringBytes: number
  readonly messages: ReadonlyArray<Origin & { readonly seq: number }>
  /** `undefined` for an empty pool: a dead one's append may have been entitled to the room of all messages. */
  readonly newest: number | undefined
}

export class Ledger {
  /** Messages that must be there, by number: acknowledged, or seen by somebody. */
  private readonly known = new Map<number, Origin>()
  private readonly seqs = new Map<number, number>()
  private newest = 0
  private violations: Array<Violation> = []

  /** `largestAppendBytes` is the most that one append can take up, frames and all. */
  constructor(
    private readonly mixture: Mixture,
    private readonly largestAppendBytes: number
  ) {}

  /** What this round's processes said, against what the pool holds now. */
  judge(testimonies: ReadonlyArray<Testimony>, content: Content): ReadonlyArray<Violation> {
    this.violations = []
    for (const { author, records } of testimonies) {
      if (author !== 0) this.believeWriter(records)
    }
    for (const { author, records } of testimonies) {
      if (author === 0) this.believeReader(records)
    }
    this.compare(testimonies, content)
    this.forget(content)
    return this.violations
  }

  private complain(kind: ViolationKind, detail: string): void {
    this.violations.push({ kind, detail })
  }

  private believe(seq: number, origin: Origin): void {
    const before = this.known.get(seq)
    if (before !== undefined && keyOf(before) !== keyOf(origin)) {
      this.complain("invented", `${seq} is both ${nameOf(before)} and ${nameOf(origin)}`)
    }
    const elsewhere = this.seqs.get(keyOf(origin))
    if (elsewhere !== undefined && elsewhere !== seq) {
      this.complain("invented", `${nameOf(origin)} is both ${elsewhere} and ${seq}`)
    }
    this.known.set(seq, origin)
    this.seqs.set(keyOf(origin), seq)
    this.newest = Math.max(this.newest, seq)
  }

  private believeWriter(records: ReadonlyArray<JournalRecord>): void {
    let last: JournalRecord | undefined
    for (const record of records) {
      if (record.kind !== "acknowledged") {
        this.complain("unsound", `a writer says ${record.kind} after ${last?.seq ?? "nothing"}`)
        continue
      }
      if (last !== undefined && (record.seq <= last.seq || record.counter !== last.counter + 1)) {
        this.complain("misordered", `${nameOf(record)} got ${record.seq} after ${nameOf(last)} got ${last.seq}`)
      }
      this.believe(record.seq, record)
      last = record
    }
  }

  /** A reader starts anywhere; from then on each number is read, or reported missing. */
  private believeReader(records: ReadonlyArray<JournalRecord>): void {
    let next: number | undefined
    for (const { author, counter, kind, seq } of records) {
      if (kind === "torn" || kind === "damaged") {
        this.complain(kind === "torn" ? "torn" : "lost", `a reader got ${seq} ${kind}`)
      } else if (kind === "failed") {
        this.complain("unsound", `a reader failed after ${next === undefined ? "nothing" : next - 1}`)
        continue
      }
      if (next !== undefined && seq !== next) this.complain("unreported", `a reader went from ${next - 1} to ${seq}`)
      if (kind === "read") this.believe(seq, { author, counter })
      if (kind === "gap" && author <= seq) this.complain("unreported", `a reader got a gap from ${seq} to ${author}`)
      next = kind === "gap" ? author : seq + 1
    }
  }

  private compare(testimonies: ReadonlyArray<Testimony>, content: Content): void {
    const { messages, ringBytes } = content
    const newest = content.newest ?? this.newest
    const present = new Map(messages.map((message) => [message.seq, message]))
    const oldest = messages[0]?.seq ?? newest + 1
    if (messages.some(({ seq }, index) => seq !== oldest + index) || oldest + messages.length !== newest + 1) {
      this.complain("lost", `between ${oldest} and ${newest} only ${messages.length} can be read`)
    }
    for (const [seq, origin] of this.known) {
      if (seq < oldest) continue
      const found = present.get(seq)
      if (found === undefined)
        this.complain("lost", `${seq}, ${nameOf(origin)}, is gone; ${oldest} to ${newest} are left`)
      else if (keyOf(found) !== keyOf(origin)) {
        this.complain("invented", `${seq} was ${nameOf(origin)} and became ${nameOf(found)}`)
      }
    }
    this.explainUnsaid(testimonies, messages)

    const heldBytes = messages.reduce((sum, origin) => sum + frameBytesOf(payloadBytesOf(this.mixture, origin)), 0)
    // The dead one's append was entitled to its own space, and so was the next one's; a frame that overlaps either goes
    // as a whole; where a frame did not fit the end of the ring, that end is unused.
    const entitled = 4 * this.largestAppendBytes + 256
    if (oldest > 1 && heldBytes + entitled < ringBytes) {
      this.complain("lost", `${oldest - 1} was dropped although only ${heldBytes} of ${ringBytes} bytes were used`)
    }
  }

  /** What nobody said is there must be of an append that was under way when its author died. */
  private explainUnsaid(testimonies: ReadonlyArray<Testimony>, messages: Content["messages"]): void {
    const said = new Map(
      testimonies.map(({ author, records, unsaid }) => [author, { last: lastCounter(records), unsaid }])
    )
    for (const message of messages) {
      if (this.known.has(message.seq)) continue
      const claim = said.get(message.author)
      const explained =
        claim !== undefined && message.counter > claim.last && message.counter <= claim.last + claim.unsaid
      if (!explained) this.complain("invented", `nobody wrote ${nameOf(message)}, found as ${message.seq}`)
      this.believe(message.seq, message)
    }
  }

  private forget(content: Content): void {
    const { messages } = content
    const newest = content.newest ?? this.newest
    const oldest = messages[0]?.seq ?? newest + 1
    for (const [seq, origin] of this.known) {
      if (seq >= oldest) continue
      this.known.delete(seq)
      this.seqs.delete(keyOf(origin))
    }
    if (this.newest > newest) this.complain("lost", `${this.newest} was the newest, now it is ${newest}`)
    this.newest = newest
  }
}

const lastCounter = (records: ReadonlyArray<JournalRecord>): number =>
  records.findLast(({ kind }) => kind === "acknowledged")?.counter ?? 0

const nameOf = ({ author, counter }: Origin): string => `message ${counter} of author ${author}`
