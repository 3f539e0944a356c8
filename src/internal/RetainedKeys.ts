/**
 * The keys of the messages that a pool holds, as far as one handle has read it: which of its messages was the first with
 * a key. Read on from where reading stopped, so that keeping up costs what was appended since; what the ring dropped is
 * forgotten, so that there is never more here than there. Numbers only: that the message is the one it was, and whole, is
 * found out when somebody asks for it.
 */
import type { StoredMessage } from "../EncodedPool.js"
import { isPoolError } from "../PoolError.js"
import type { PoolLockHandle } from "../PoolLock.js"
import { keysOf } from "./lite3/keyTags.js"
import { validatePayload } from "./lite3/validate.js"
import { LentCopyBuffer } from "./ring/copyBuffer.js"
import { RingCursor } from "./ring/cursor.js"
import { readFrame } from "./ring/readFrame.js"
import type { Ring } from "./ring/Ring.js"

/** A retained message with a key, and the next one with the same: of a pool's tags nobody promises that they differ. */
interface Occurrence {
  readonly key: string
  readonly seq: number
  next: Occurrence | undefined
}

interface KeyRun {
  first: Occurrence
  last: Occurrence
}

/** The place of forgotten occurrences is given back when they are so many, and the greater part. */
const keptForgotten = 1024

export class RetainedKeys {
  private readonly runs = new Map<string, KeyRun>()
  /** In the order of the messages; those before `firstRetained` are forgotten. */
  private occurrences: Array<Occurrence> = []
  private firstRetained = 0
  private readonly lock: BorrowedLock
  private cursor: RingCursor

  constructor(
    private readonly ring: Ring,
    lock: PoolLockHandle
  ) {
    this.lock = new BorrowedLock(lock)
    this.cursor = this.cursorFromOldest()
  }

  /** For diagnosis and tests. */
  get size(): number {
    return this.occurrences.length - this.firstRetained
  }

  /** What `body` reads is read under the exclusive lock, which the caller holds. */
  whileLocked<A>(body: () => A): A {
    this.lock.isHeld = true
    try {
      return body()
    } finally {
      this.lock.isHeld = false
    }
  }

  /**
   * Reads so much at most. `all`: that is what there is now. `more`: there is more to be read. `contended`: what comes next
   * could not be proved whole, because somebody is appending; under the lock it can.
   */
  readOn(maxMessages: number, maxBytes: number): "all" | "more" | "contended" {
    // A repair has taken numbers back: what is known of them is of messages that are no more.
    if (this.cursor.nextSeq > this.ring.newestSeq() + 1) this.startOver()
    const { contended, damaged, frames, gap } = this.cursor.read(maxMessages, maxBytes)
    for (const { payload, seq } of frames) for (const key of readableKeys(payload)) this.add(key, seq)
    this.forgetDropped()
    if (contended) return "contended"
    const isOver = gap === undefined && damaged === undefined && frames.length === 0
    return isOver || this.cursor.nextSeq > this.ring.newestSeq() ? "all" : "more"
  }

  /** The number of the first message with this key. */
  firstSeq(key: string): number | undefined {
    return this.runs.get(key)?.first.seq
  }

  /**
   * The first message with this key that can still be read; `undefined` when there is none, `contended` when that cannot be
   * told now. One that is damaged does not count, as it would not for anybody who reads the pool anew.
   */
  read(key: string): StoredMessage | undefined | "contended" {
    for (let at = this.runs.get(key)?.first; at !== undefined; at = at.next) {
      const found = this.readOccurrence(at)
      if (found !== "missing" && found !== "damaged") return found
    }
    return undefined
  }

  private readOccurrence({ key, seq }: Occurrence): StoredMessage | "missing" | "damaged" | "contended" {
    try {
      const found = readFrame(this.ring, this.lock, seq)
      if (typeof found === "string") return found
      validatePayload(found.payload)
      return keysOf(found.payload).includes(key) ? found : "damaged"
    } catch (error) {
      if (isPoolError(error)) return "damaged"
      throw error
    }
  }

  private add(key: string, seq: number): void {
    const occurrence: Occurrence = { key, seq, next: undefined }
    this.occurrences.push(occurrence)
    const run = this.runs.get(key)
    if (run === undefined) this.runs.set(key, { first: occurrence, last: occurrence })
    else {
      run.last.next = occurrence
      run.last = occurrence
    }
  }

  private forgetDropped(): void {
    const { newest, oldest } = this.ring.readGroup()
    const retainedFrom = oldest === 0 ? newest + 1 : oldest
    const { occurrences, runs } = this
    while (this.firstRetained < occurrences.length && occurrences[this.firstRetained]!.seq < retainedFrom) {
      const { key, next } = occurrences[this.firstRetained++]!
      if (next === undefined) runs.delete(key)
      else runs.get(key)!.first = next
    }
    if (this.firstRetained > keptForgotten && this.firstRetained * 2 > occurrences.length) {
      this.occurrences = occurrences.slice(this.firstRetained)
      this.firstRetained = 0
    }
  }

  private startOver(): void {
    this.runs.clear()
    this.occurrences = []
    this.firstRetained = 0
    this.cursor = this.cursorFromOldest()
  }

  private cursorFromOldest(): RingCursor {
    return new RingCursor(this.ring, this.lock, 1, { reportFirstGap: false, copies: new LentCopyBuffer() })
  }
}

/** The keys of a message that cannot be read are known to nobody. */
const readableKeys = (payload: Uint8Array): ReadonlyArray<string> => {
  try {
    return keysOf(payload)
  } catch (error) {
    if (isPoolError(error)) return []
    throw error
  }
}

/** The lock for who reads: had already where the caller holds it for writing. */
class BorrowedLock implements PoolLockHandle {
  isHeld = false

  constructor(private readonly lock: PoolLockHandle) {}

  readonly tryAcquire: PoolLockHandle["tryAcquire"] = (mode) => this.isHeld || this.lock.tryAcquire(mode)

  readonly release: PoolLockHandle["release"] = () => {
    if (!this.isHeld) this.lock.release()
  }
}
