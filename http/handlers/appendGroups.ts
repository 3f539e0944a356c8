/**
 * Appends of single messages, taken together: what arrives for a pool within one turn of the event loop goes into it
 * under one lock, in the order in which it came, and is published once. Every request is still judged, answered, counted
 * and given up by itself: one that is refused takes nobody along, one whose client left is not appended.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { DurabilityMode } from "../../src/Durability.js"
import type { AppendedMessages, AppendedRange, KeyedPayload } from "../../src/EncodedPool.js"
import type { Pool } from "../../src/Pool.js"
import { immediateOf } from "../../src/internal/immediate.js"
import { contended } from "../../src/internal/withLock.js"
import { isPoolError, type PoolError } from "../../src/PoolError.js"
import type { Exchange } from "../server/Exchange.js"
import type { OpenPool } from "../server/PoolCache.js"
import type { ServerState } from "../server/ServerState.js"
import { Refusal } from "../server/wireError.js"
import { answerKeyed, answerMessage, countAppended, countKeyed, logRepaired, withheld } from "./appendAnswer.js"
import { parseAppendJson } from "./appendBody.js"
import { bodyText } from "./jsonBody.js"

interface Waiting {
  readonly exchange: Exchange
  readonly bytes: Buffer
  readonly releaseSlot: () => void
  /** Answered, or left by its client. */
  over: boolean
}

interface Group {
  readonly members: Array<Waiting>
  fiber: GroupFiber | undefined
}

interface Ready extends KeyedPayload {
  readonly waiting: Waiting
  readonly durability: DurabilityMode
}

type GroupFiber = Fiber.RuntimeFiber<void, PoolError | Refusal>

/** The lock is not held for more bytes than this at a time, unless one message has them. */
const runBytes = 1024 * 1024

export class AppendGroups {
  private groups = new Map<string, Group>()

  constructor(
    private readonly state: ServerState,
    private readonly runFork: (effect: Effect.Effect<void, PoolError | Refusal>) => GroupFiber,
    private readonly reportDefect: (exchange: Exchange, cause: Cause.Cause<unknown>) => void,
    private readonly clock: Clock.Clock
  ) {}

  /** Has the body appended to the pool of that file, and answers. Returns what to call when the client leaves before. */
  add(file: string, exchange: Exchange, bytes: Buffer): () => void {
    // Whoever waits only for the turn to end need not keep others out.
    if (this.state.storageIsFull) this.flush()
    const waiting: Waiting = { exchange, bytes, releaseSlot: this.state.takeStorageSlot(), over: false }
    if (this.groups.size === 0) setImmediate(() => this.flush())
    let group = this.groups.get(file)
    if (group === undefined) this.groups.set(file, (group = { members: [], fiber: undefined }))
    group.members.push(waiting)
    return () => leave(waiting, group)
  }

  private flush(): void {
    const { groups } = this
    this.groups = new Map()
    for (const [file, group] of groups) this.appendGroup(file, group)
  }

  private appendGroup(file: string, group: Group): void {
    const { members } = group
    const { cache } = this.state
    let held: OpenPool | undefined
    try {
      held = cache.holdOpen(file)
      if (held === undefined) {
        this.fork(
          group,
          cache.use(file, (pool) => this.appendRuns(pool, this.runsOf(members)))
        )
        return
      }
      // The pool is open before a body is looked at: a damaged pool is the greater trouble.
      const runs = this.runsOf(members)
      const [only] = runs
      if (only === undefined || (runs.length === 1 && this.appendAtOnce(held.pool, only))) return
      this.fork(group, this.appendRuns(held.pool, runs), held)
      held = undefined
    } catch (defect) {
      this.giveUp(members, Cause.die(defect))
    } finally {
      if (held !== undefined) this.giveBack(held)
    }
  }

  /** However the fiber ends: its observer is what gives the pool back. */
  private fork(group: Group, effect: Effect.Effect<void, PoolError | Refusal>, held?: OpenPool): void {
    const fiber = this.runFork(effect)
    group.fiber = fiber
    fiber.addObserver((exit) => {
      if (held !== undefined) this.giveBack(held)
      if (Exit.isFailure(exit) && !Cause.isInterruptedOnly(exit.cause)) this.giveUp(group.members, exit.cause)
    })
  }

  private giveBack(held: OpenPool): void {
    const rest = this.state.cache.giveBack(held)
    if (rest !== undefined) this.runFork(rest)
  }

  private giveUp(members: ReadonlyArray<Waiting>, cause: Cause.Cause<PoolError | Refusal>): void {
    const failure = Cause.failureOption(cause)
    const [first] = members
    if (failure._tag === "None" && first !== undefined) this.reportDefect(first.exchange, cause)
    for (const waiting of members) refuseOne(waiting, failure._tag === "Some" ? failure.value : undefined)
  }

  /**
   * What mostly is so: the pool is open, its lock free, nobody has a key or asks for a flush. Then the append is plain code, and
   * no fiber is made for it. False when it takes one; nothing was appended then.
   */
  private appendAtOnce({ encoded }: Pool, run: ReadonlyArray<Ready>): boolean {
    const first = run[0]!
    const immediate = immediateOf(encoded)
    if (immediate === undefined || first.key !== undefined || first.durability !== "fast") return false
    const payloads = payloadsOf(run)
    let range: AppendedRange | typeof contended
    try {
      range = immediate.append(payloads, this.clock)
    } catch (error) {
      if (!isPoolError(error)) throw error
      if (takesOneByOne(error, run)) return false
      for (const { waiting } of run) refuseOne(waiting, error)
      return true
    }
    if (range === contended) return false
    answerRun(run, payloads, range)
    if (range.repaired !== undefined) this.runFork(logRepaired(range))
    return true
  }

  private appendRuns(pool: Pool, runs: ReadonlyArray<ReadonlyArray<Ready>>): Effect.Effect<void> {
    const isTold = this.state.options.access !== "write-only"
    return Effect.forEach(runs, (run) => appendRun(pool, run, isTold), { discard: true })
  }

  private runsOf(members: ReadonlyArray<Waiting>): ReadonlyArray<ReadonlyArray<Ready>> {
    return inRuns(this.parseAll(members))
  }

  private parseAll(group: ReadonlyArray<Waiting>): ReadonlyArray<Ready> {
    const all: Array<Ready> = []
    for (const waiting of group) {
      if (waiting.over) continue
      try {
        const { durability, key, payload } = parseAppendJson(bodyText(waiting.bytes))
        all.push(key === undefined ? { waiting, payload, durability } : { waiting, payload, key, durability })
      } catch (error) {
        if (!isPoolError(error) && !(error instanceof Refusal)) this.reportDefect(waiting.exchange, Cause.die(error))
        refuseOne(waiting, error)
      }
    }
    return all
  }
}

/** Neighbours that are promised the same, up to a bound; a key makes an append another one. */
const inRuns = (all: ReadonlyArray<Ready>): ReadonlyArray<ReadonlyArray<Ready>> => {
  const runs: Array<Array<Ready>> = []
  let run: Array<Ready> = []
  let bytes = 0
  for (const ready of all) {
    bytes += ready.payload.length
    if (run.length === 0 || !isAlike(ready, run[0]!) || bytes > runBytes) {
      runs.push((run = []))
      bytes = ready.payload.length
    }
    run.push(ready)
  }
  return runs
}

const isOver = ({ waiting }: Ready): boolean => waiting.over

const isAlike = (one: Ready, other: Ready): boolean =>
  one.durability === other.durability && (one.key === undefined) === (other.key === undefined)

const appendRun = (pool: Pool, all: ReadonlyArray<Ready>, isTold: boolean): Effect.Effect<void> =>
  Effect.suspend(() => {
    // While earlier runs waited for the lock, clients may have left.
    const run = all.some(isOver) ? all.filter((ready) => !isOver(ready)) : all
    const [first] = run
    if (first === undefined) return Effect.void
    return Effect.matchEffect(first.key === undefined ? appendAll(pool, run) : appendKeyed(pool, run, isTold), {
      onSuccess: logRepaired,
      onFailure: (error) => {
        if (takesOneByOne(error, run)) {
          return Effect.forEach(run, (ready) => appendRun(pool, [ready], isTold), { discard: true })
        }
        for (const { waiting } of run) refuseOne(waiting, error)
        return Effect.void
      }
    })
  })

/** A message that does not fit into the ring refuses its whole batch, of which nothing is stored. */
const takesOneByOne = ({ reason }: PoolError, run: ReadonlyArray<Ready>): boolean =>
  reason === "Usage" && run.length > 1

const payloadsOf = (run: ReadonlyArray<Ready>): ReadonlyArray<Uint8Array> => run.map(({ payload }) => payload)

const appendAll = (pool: Pool, run: ReadonlyArray<Ready>): Effect.Effect<AppendedRange, PoolError> => {
  const payloads = payloadsOf(run)
  return Effect.tap(pool.encoded.append(payloads, run[0]!.durability), (range) => answerRun(run, payloads, range))
}

const answerRun = (run: ReadonlyArray<Ready>, payloads: ReadonlyArray<Uint8Array>, range: AppendedRange): void => {
  countAppended(payloads)
  let seq = range.firstSeq
  for (const { payload, waiting } of run) {
    if (settle(waiting)) answerMessage(waiting.exchange, payload, range, seq)
    seq++
  }
}

const appendKeyed = (
  pool: Pool,
  run: ReadonlyArray<Ready>,
  isTold: boolean
): Effect.Effect<AppendedMessages, PoolError> =>
  Effect.map(pool.encoded.appendKeyed(run, run[0]!.durability), (appended) => {
    countKeyed(appended.messages)
    for (const [index, { key, waiting }] of run.entries()) {
      if (settle(waiting)) answerKeyed(waiting.exchange, withheld(appended.messages[index]!, key, isTold))
    }
    return appended
  })

/** When nobody is left, nobody waits for the pool. */
const leave = (waiting: Waiting, { fiber, members }: Group): void => {
  if (settle(waiting) && members.every(({ over }) => over)) fiber?.unsafeInterruptAsFork(fiber.id())
}

const refuseOne = (waiting: Waiting, error: unknown): void => {
  if (settle(waiting)) waiting.exchange.fail(error)
}

/** Whether it was still to be answered. Its slot is free from now on. */
const settle = (waiting: Waiting): boolean => {
  if (waiting.over) return false
  waiting.over = true
  waiting.releaseSlot()
  return true
}
