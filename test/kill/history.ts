/**
 * What several processes did to one pool, each operation with the times of its call and its answer on one clock, and
 * whether all of it can have happened to one ring. A pure function; it knows nothing of files or frames but how many
 * bytes a message takes up.
 */
import type { Violation, ViolationKind } from "./tally.js"

interface Timed {
  readonly process: number
  /** Nanoseconds on a clock that all processes share. */
  readonly invoked: number
  readonly answered: number
}

/** Messages `counter` to `counter + count - 1` of `author` were stored from number `seq` on. */
export interface AppendOperation extends Timed {
  readonly kind: "append"
  readonly seq: number
  readonly count: number
  readonly author: number
  readonly counter: number
}

/** Message `seq` was asked for. */
export interface GetOperation extends Timed {
  readonly kind: "found" | "missing"
  readonly seq: number
  readonly author: number
  readonly counter: number
}

/** The tail of a process, which began with message 1, brought a message. */
export interface TailOperation extends Timed {
  readonly kind: "tailed"
  readonly seq: number
  readonly author: number
  readonly counter: number
}

/** The tail of a process was told that messages `seq` to `seq + count - 1` are missing. */
export interface GapOperation extends Timed {
  readonly kind: "gap"
  readonly seq: number
  readonly count: number
}

/** A process was given bytes that nobody wrote. */
export interface TornOperation extends Timed {
  readonly kind: "torn"
  readonly seq: number
}

export type Operation = AppendOperation | GetOperation | TailOperation | GapOperation | TornOperation

export interface PoolFacts {
  readonly ringBytes: number
  /** What a message takes up in the ring. */
  readonly frameBytes: (author: number, counter: number) => number
}

interface Stored {
  readonly author: number
  readonly counter: number
  readonly append: AppendOperation
}

/** `operations` in any order, but those of one process in the order in which it did them. */
export const checkHistory = (operations: ReadonlyArray<Operation>, facts: PoolFacts): ReadonlyArray<Violation> => {
  const violations: Array<Violation> = []
  const complain = (kind: ViolationKind, detail: string): void => void violations.push({ kind, detail })

  const appends = operations.filter((operation) => operation.kind === "append")
  const stored = assignNumbers(appends, complain)
  checkRealTime(appends, complain)
  const evictions = new Evictions(stored, appends, facts)
  const visible = new Frontier()
  const gone = new Frontier()
  for (const operation of operations) {
    const { answered, kind, seq } = operation
    if (kind === "append") visible.add(answered, seq + operation.count - 1)
    if (kind === "found" || kind === "tailed") visible.add(answered, seq)
    if (kind === "gap") gone.add(answered, seq + operation.count - 1)
  }
  for (const operation of operations) {
    // What is missing but was visible before is gone for good.
    if (operation.kind === "missing" && operation.seq <= visible.before(operation.invoked)) {
      gone.add(operation.answered, operation.seq)
    }
  }

  const nextOfTail = new Map<number, number>()
  for (const operation of operations) {
    const { answered, invoked, kind, process, seq } = operation
    if (kind === "torn") complain("torn", `process ${process} got ${seq} torn`)
    if (kind === "found" || kind === "tailed") {
      const { author, counter } = operation
      const truth = stored[seq]
      const what = `process ${process} read message ${counter} of author ${author} as ${seq}`
      if (truth === undefined || truth.author !== author || truth.counter !== counter) {
        complain("invented", `${what}; that is message ${truth?.counter ?? "?"} of author ${truth?.author ?? "nobody"}`)
      } else if (truth.append.invoked > answered) complain("invented", `${what} before it was written`)
      if (kind === "found") {
        if (evictions.mustBeGone(seq, invoked)) complain("invented", `${what} after it was overwritten`)
        if (seq <= gone.before(invoked)) complain("misordered", `${what} after it, or a later one, was found missing`)
      }
    }
    if (kind === "missing" && seq <= visible.before(invoked) && !evictions.mayBeGone(seq, answered)) {
      complain("lost", `process ${process} did not find ${seq}, which was there and not overwritten`)
    }
    if (kind === "tailed" || kind === "gap") {
      const expected = nextOfTail.get(process) ?? 1
      if (seq !== expected)
        complain(seq < expected ? "misordered" : "unreported", `process ${process} went from ${expected - 1} to ${seq}`)
      nextOfTail.set(process, seq + (kind === "gap" ? operation.count : 1))
      if (kind === "gap" && !evictions.mayBeGone(seq + operation.count - 1, answered)) {
        complain("lost", `process ${process} missed ${seq} to ${seq + operation.count - 1}, which were not overwritten`)
      }
    }
  }
  for (const [process, next] of nextOfTail) {
    if (next !== stored.length)
      complain("lost", `the tail of process ${process} ended at ${next - 1} of ${stored.length - 1}`)
  }
  return violations
}

/** Who is stored under which number; numbers begin with 1 and leave nothing out. */
const assignNumbers = (
  appends: ReadonlyArray<AppendOperation>,
  complain: (kind: ViolationKind, detail: string) => void
): ReadonlyArray<Stored | undefined> => {
  const stored: Array<Stored | undefined> = [undefined]
  for (const append of appends) {
    for (let index = 0; index < append.count; index++) {
      const seq = append.seq + index
      if (stored[seq] !== undefined) complain("invented", `${seq} was given out twice`)
      stored[seq] = { author: append.author, counter: append.counter + index, append }
    }
  }
  for (let seq = 1; seq < stored.length; seq++) {
    if (stored[seq] === undefined) complain("invented", `${seq} was given to nobody, but later numbers were`)
  }
  return stored
}

/** An append that was answered before another was called has the smaller number. */
const checkRealTime = (
  appends: ReadonlyArray<AppendOperation>,
  complain: (kind: ViolationKind, detail: string) => void
): void => {
  const falling = [...appends].sort((a, b) => b.seq - a.seq)
  let earliest: AppendOperation | undefined
  for (const append of falling) {
    if (earliest !== undefined && earliest.answered < append.invoked) {
      complain("misordered", `${append.seq} was asked for after ${earliest.seq} was acknowledged`)
    }
    if (earliest === undefined || append.answered < earliest.answered) earliest = append
  }
}

/** The highest number that some event had reached before a moment. */
class Frontier {
  private readonly events: Array<{ readonly time: number; readonly seq: number }> = []
  private times: Array<number> | undefined
  private highest: Array<number> = []

  add(time: number, seq: number): void {
    this.events.push({ time, seq })
    this.times = undefined
  }

  before(time: number): number {
    const times = (this.times ??= this.settle())
    let [low, high] = [0, times.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (times[middle]! < time) low = middle + 1
      else high = middle
    }
    return low === 0 ? 0 : this.highest[low - 1]!
  }

  private settle(): Array<number> {
    this.events.sort((a, b) => a.time - b.time)
    let highest = 0
    this.highest = this.events.map(({ seq }) => (highest = Math.max(highest, seq)))
    return this.events.map(({ time }) => time)
  }
}

/** When a ring of this size may, and when it must have dropped a message. */
class Evictions {
  private readonly called = new Frontier()
  private readonly answered = new Frontier()
  /** Bytes of all messages up to a number. */
  private readonly bytes: Array<number> = [0]
  private readonly unused: number

  constructor(
    stored: ReadonlyArray<Stored | undefined>,
    appends: ReadonlyArray<AppendOperation>,
    private readonly facts: PoolFacts
  ) {
    const largest = new Map<AppendOperation, number>()
    for (let seq = 1; seq < stored.length; seq++) {
      const entry = stored[seq]
      const frame = entry === undefined ? 0 : facts.frameBytes(entry.author, entry.counter)
      this.bytes.push(this.bytes[seq - 1]! + frame)
      if (entry !== undefined) largest.set(entry.append, (largest.get(entry.append) ?? 0) + frame)
    }
    // A frame that does not fit at the end of the ring leaves that end unused, and a marker or padding with it.
    this.unused = [...largest.values()].reduce((most, bytes) => Math.max(most, bytes), 0) + 192
    for (const { answered, count, invoked, seq } of appends) {
      this.called.add(invoked, seq + count - 1)
      this.answered.add(answered, seq + count - 1)
    }
  }

  /** Appends that were called by then need the space. */
  mayBeGone(seq: number, time: number): boolean {
    return this.bytesFrom(seq, this.called.before(time)) > this.facts.ringBytes - this.unused
  }

  /** Appends that were acknowledged by then do not fit the ring beside it. */
  mustBeGone(seq: number, time: number): boolean {
    return this.bytesFrom(seq, this.answered.before(time)) > this.facts.ringBytes
  }

  private bytesFrom(seq: number, last: number): number {
    return last < seq ? 0 : this.bytes[last]! - this.bytes[seq - 1]!
  }
}
