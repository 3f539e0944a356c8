/**
 * What must be true of a pool, told by an array: which message has which number, which of them were acknowledged, and
 * what each reader may see next. Everything that contradicts it is noted as a violation, in words.
 */
import type { JsonObject } from "../../src/Message.js"

/** Bytes that only this message has, so that no mixture of two goes unnoticed. */
const paddingOf = (id: number, length: number): string => `${id}.`.repeat(Math.ceil(length / 2)).slice(0, length)

interface Attempt {
  readonly id: number
  readonly padding: number
  state: "begun" | "acknowledged" | "refused" | "dead"
}

export class Model {
  readonly violations: Array<string> = []
  readonly sometimes = new Map<string, number>()
  newestAcknowledged = 0
  /** A power loss took back what nobody had synced: messages may be missing, and their numbers given out again. */
  mayHaveHoles = false
  private readonly attempts = new Map<number, Attempt>()
  private seqOf = new Map<number, number>()
  private idAt = new Map<number, number>()

  /** A new message, never seen before. */
  compose(padding: number): { readonly id: number; readonly data: JsonObject } {
    const id = this.attempts.size + 1
    this.attempts.set(id, { id, padding, state: "begun" })
    return { id, data: { id, padding: paddingOf(id, padding) } }
  }

  acknowledge(id: number, seq: number, newestAtStart: number): void {
    this.attempts.get(id)!.state = "acknowledged"
    if (seq <= newestAtStart) this.violate(`message ${seq} was acknowledged after message ${newestAtStart} was`)
    this.place(id, seq)
    this.newestAcknowledged = Math.max(this.newestAcknowledged, seq)
  }

  /** The pool said no before writing anything: nobody may ever see it. */
  refuse(id: number): void {
    this.attempts.get(id)!.state = "refused"
  }

  /** Its writer died, or was told that the disk failed: it may be there or not. */
  abandon(id: number): void {
    const attempt = this.attempts.get(id)!
    if (attempt.state === "begun") attempt.state = "dead"
  }

  /** Whether somebody was told that this number is taken. */
  has(seq: number): boolean {
    return this.idAt.has(seq)
  }

  /** Somebody read this. */
  observe(seq: number, data: JsonObject): void {
    const id = data["id"] as number
    const attempt = this.attempts.get(id)
    if (attempt === undefined) return this.violate(`message ${seq} was invented: ${JSON.stringify(data)}`)
    if (data["padding"] !== paddingOf(id, attempt.padding)) this.violate(`message ${seq} is torn`)
    if (attempt.state === "refused") this.violate(`message ${seq} is there although it was refused`)
    if (attempt.state === "dead") this.note("unacknowledged message read")
    this.place(id, seq)
  }

  /** What is left after a power loss. Only then may anything be taken back. */
  keepOnly(seqs: ReadonlyArray<number>): void {
    const left = new Map(seqs.flatMap((seq) => (this.idAt.has(seq) ? [[seq, this.idAt.get(seq)!] as const] : [])))
    this.idAt = left
    this.seqOf = new Map([...left].map(([seq, id]) => [id, seq]))
    const newest = seqs.at(-1) ?? 0
    if (newest < this.newestAcknowledged) this.note("acknowledged messages taken back by a power loss in fast mode")
    this.newestAcknowledged = newest
  }

  note(what: string, times = 1): void {
    if (times > 0) this.sometimes.set(what, (this.sometimes.get(what) ?? 0) + times)
  }

  violate(what: string): void {
    this.violations.push(what)
  }

  private place(id: number, seq: number): void {
    const otherSeq = this.seqOf.get(id)
    if (otherSeq !== undefined && otherSeq !== seq) this.violate(`message ${otherSeq} is repeated as ${seq}`)
    const otherId = this.idAt.get(seq)
    if (otherId !== undefined && otherId !== id) this.violate(`message ${seq} was another one before`)
    this.seqOf.set(id, seq)
    this.idAt.set(seq, id)
  }
}

/** One reader from its start to its end. */
export class Follower {
  private next: number | undefined
  gaps = 0

  constructor(
    private readonly model: Model,
    private readonly name: string
  ) {}

  message(seq: number, data: JsonObject): void {
    if (this.next !== undefined && seq !== this.next) {
      const how = seq < this.next ? "repeated or out of order" : "an unreported gap"
      this.model.violate(`${this.name} read message ${seq} instead of ${this.next}: ${how}`)
    }
    this.next = seq + 1
    this.model.observe(seq, data)
  }

  gap(expected: number, found: number, oldest: number): void {
    this.gaps++
    if (this.next !== undefined && expected !== this.next)
      this.model.violate(`${this.name} was told of a gap from ${expected}, but waited for ${this.next}`)
    if (!this.model.mayHaveHoles && oldest < found)
      this.model.violate(`${this.name} was told that ${expected} to ${found - 1} are gone, but ${oldest} is there`)
    this.next = found
  }

  damage(seq: number): void {
    if (!this.model.mayHaveHoles) this.model.violate(`${this.name} was told that message ${seq} is damaged`)
    this.model.note("damage reported after a power loss in fast mode")
    if (this.next !== undefined && seq !== this.next)
      this.model.violate(`${this.name} was told of damage at ${seq}, but waited for ${this.next}`)
    // It may stand for all up to the newest.
    this.next = undefined
  }
}
