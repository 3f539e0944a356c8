/**
 * One open pool file with everything that works on it: ring, lock, notification. A handle knows whether its path
 * still leads to its file, so that nobody goes on appending to, or waiting for, a pool that was deleted; and whether its
 * scope has ended, so that who uses it all the same is told that, and not what file or lock make of it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Context from "effect/Context"
import type { Barrier } from "../Durability.js"
import { isPoolError, PoolError } from "../PoolError.js"
import type { PoolLock, PoolLockHandle } from "../PoolLock.js"
import type { PoolNotify, PoolNotifyHandle } from "../PoolNotify.js"
import type { PoolFile, PoolStorage } from "../PoolStorage.js"
import { payloadProblem } from "./payloadProblem.js"
import { LentCopyBuffer } from "./ring/copyBuffer.js"
import { Ring } from "./ring/Ring.js"
import { RingWriter } from "./ring/RingWriter.js"
import { RetainedKeys } from "./RetainedKeys.js"
import type { Explains, LockWait } from "./withLock.js"
import { attempt } from "./withLock.js"

export interface LocalServices {
  readonly storage: Context.Tag.Service<PoolStorage>
  readonly locks: Context.Tag.Service<PoolLock>
  readonly notifications: Context.Tag.Service<PoolNotify>
}

/** A waiting reader asks whether its file is still there at every so many looks. */
const looksPerExistenceCheck = 8

/** A writer asks again after this long. */
const existenceCheckMillis = 5

export class LocalHandle implements LockWait {
  /** For what is done with a message within one synchronous call. */
  readonly lentCopies = new LentCopyBuffer()
  private existenceCheckedAt = Number.NEGATIVE_INFINITY
  private flushFailure: PoolError | undefined
  private keys: RetainedKeys | undefined
  private closed = false

  constructor(
    readonly name: string,
    readonly path: string,
    readonly timeoutMillis: number,
    readonly file: PoolFile,
    readonly ring: Ring,
    readonly writer: RingWriter,
    readonly lock: PoolLockHandle,
    readonly notify: PoolNotifyHandle
  ) {}

  /** Empty, and without cost, until the first append with a key. */
  get retainedKeys(): RetainedKeys {
    return (this.keys ??= new RetainedKeys(this.ring, this.lock))
  }

  close(): void {
    this.closed = true
  }

  /** Nothing asks whether the pool is open before it does what it does: it throws, and here is why. */
  readonly explain = (error: unknown): unknown => (this.closed && !isPoolError(error) ? closedError(this) : error)

  /** Ends with `false` once `changed` holds or the scope has ended, with `true` once the file is gone and nothing changed. */
  waitUntil(changed: () => boolean): Effect.Effect<boolean> {
    return Effect.suspend(() => {
      let looks = 0
      let deleted = false
      const look = (): boolean => {
        if (this.closed || changed()) return true
        if (looks++ % looksPerExistenceCheck === 0) deleted = !this.file.isCurrent()
        return deleted
      }
      return Effect.map(this.notify.waitUntil(look), () => deleted && !this.closed && !changed())
    })
  }

  /** Throws `NotFound` when the pool was deleted or replaced, at the latest some milliseconds after it happened. */
  assertCurrent(nowMillis: number): void {
    if (nowMillis - this.existenceCheckedAt < existenceCheckMillis) return
    if (!this.file.isCurrent()) throw deletedError(this)
    this.existenceCheckedAt = nowMillis
  }

  /** Throws `Io` once a flush has failed. */
  assertFlushed(): void {
    if (this.flushFailure !== undefined) throw flushFailedError(this, this.flushFailure)
  }

  /**
   * The barrier, with the one consequence that its failure must have. After it nobody knows what is on the disk, and
   * asking again would not tell: a system reports a page that it could not write once, and takes it for written from
   * then on. So this handle appends no more, and the next one to be opened walks all of the ring before it does.
   */
  guarded(barrier: Barrier): Barrier {
    return (file, offset, length) => {
      try {
        barrier(file, offset, length)
      } catch (error) {
        if (isPoolError(error)) {
          this.flushFailure = error
          this.writer.forgetNewest()
        }
        throw error
      }
    }
  }

  damagedFrame(damaged: { readonly seq: number; readonly offset: number; readonly message: string }): PoolError {
    return new PoolError({
      reason: "Corrupt",
      message: `message ${damaged.seq} is damaged: ${damaged.message}`,
      hint: `The other messages can be read. Run \`pls doctor ${this.name}\` to see the extent of the damage.`,
      path: this.path,
      seq: damaged.seq,
      offset: damaged.offset
    })
  }
}

export const deletedError = (handle: { readonly name: string; readonly path: string }): PoolError =>
  new PoolError({
    reason: "NotFound",
    message: `pool ${handle.name} was deleted or replaced while it was open`,
    hint: "Open it again; if it is gone, create it first.",
    path: handle.path
  })

const closedError = (handle: { readonly name: string; readonly path: string }): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `pool ${handle.name} is closed: the scope that it was opened in has ended`,
    hint: "Use the pool inside of the `Effect.scoped` or layer that opens it.",
    path: handle.path
  })

export const readOnlyError = (path: string): PoolError =>
  new PoolError({
    reason: "Permission",
    message: `no permission to write to ${path}`,
    hint: "Check the file's owner and mode; reading works.",
    path
  })

const flushFailedError = (handle: { readonly name: string; readonly path: string }, failure: PoolError): PoolError =>
  new PoolError({
    reason: "Io",
    message: `a flush of pool ${handle.name} failed; the pool must be reopened and verified before it is appended to`,
    hint: `Run \`pls doctor ${handle.name}\`, look into the system log, and open the pool again. The message of the failed append may or may not be there.`,
    path: handle.path,
    causes: [failure.message]
  })

/** What it takes to describe a pool. */
export type LookedAt = Pick<LocalHandle, "name" | "path" | "ring" | "lock"> & Explains

/** The pool as far as it takes to describe it; everything is closed with the scope. */
export const lookAtLocal = (
  services: LocalServices,
  name: string,
  path: string
): Effect.Effect<LookedAt, PoolError, Scope.Scope> =>
  Effect.gen(function* () {
    const { locks, storage } = services
    const file = yield* (storage.openToLook ?? storage.open)(path)
    const ring = yield* attempt(() => Ring.open(file, { payloadProblem }))
    const lock = yield* locks.open(path)
    return { name, path, ring, lock }
  })

/** Opens file, lock and notification of one path; all are closed with the scope. */
export const openLocal = (
  services: LocalServices,
  name: string,
  path: string,
  timeoutMillis: number
): Effect.Effect<LocalHandle, PoolError, Scope.Scope> =>
  Effect.gen(function* () {
    const file = yield* services.storage.open(path)
    const ring = yield* attempt(() => Ring.open(file, { payloadProblem }))
    const lock = yield* services.locks.open(path)
    const notify = yield* services.notifications.open(path)
    const handle = new LocalHandle(name, path, timeoutMillis, file, ring, new RingWriter(ring), lock, notify)
    yield* Effect.addFinalizer(() => Effect.sync(() => handle.close()))
    return handle
  })
