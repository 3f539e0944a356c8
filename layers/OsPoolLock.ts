/**
 * The lock of the operating system on the pool file itself (`flock`), which upstream programs take, too. It belongs to
 * the opening of the file, so two handles exclude each other also within one process, and the kernel frees it when
 * the process dies, however it dies.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FileSystem from "node:fs"
import { PoolLock, type PoolLockHandle, type PoolLockMode } from "../src/PoolLock.js"
import { attempt, errnoError } from "./errnoReason.js"
import { flockOperation, nativeOrThrow, type Native } from "./native.js"
import { openDescriptor } from "./positionalFile.js"

/**
 * An append holds the lock for a few microseconds, and an attempt costs about one: with so many, most waits are over
 * sooner than another process could be put in our place. After them, whoever holds the lock probably waits for a processor
 * itself, perhaps for ours: it is offered between the next attempts. (Offered sooner, writers would only change places:
 * eight of them on two cores then append a third as much.) Only then is the event loop asked to come back later.
 */
const attemptsAtOnce = 100
const attemptsBetweenYields = 40

const closedDescriptor = -1

class OsPoolLockHandle implements PoolLockHandle {
  private held = false
  private native: Native | undefined

  constructor(
    private readonly path: string,
    private descriptor: number
  ) {}

  /** Without native calls there is no lock, and without a lock nothing may be written: that is an error, not a hint. */
  tryAcquire(mode: PoolLockMode): boolean {
    if (this.held) throw new Error(`${this.path} is locked by this handle already`)
    if (this.descriptor === closedDescriptor) throw new Error(`the lock of ${this.path} is closed`)
    const native = (this.native ??= nativeOrThrow("lock", this.path))
    const operation = flockOperation[mode]
    for (let attempt = 0; attempt < attemptsAtOnce + attemptsBetweenYields; attempt++) {
      if (attempt >= attemptsAtOnce) native.yieldProcessor()
      const errno = native.flock(this.descriptor, operation)
      if (errno === 0) return (this.held = true)
      if (errno !== native.wouldBlock && errno !== native.interrupted) throw errnoError("lock", this.path, errno)
    }
    return false
  }

  release(): void {
    if (!this.held) return
    this.held = false
    this.native?.flock(this.descriptor, flockOperation.unlock)
  }

  /** Closing the descriptor frees the lock. */
  close(): void {
    const descriptor = this.descriptor
    this.descriptor = closedDescriptor
    this.held = false
    FileSystem.closeSync(descriptor)
  }
}

/**
 * Locks that exclude every process of this machine, upstream's included. A platform without `flock` can open a lock
 * and gets `Internal` on taking it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PoolLock> = Layer.succeed(PoolLock, {
  open: (path) =>
    Effect.acquireRelease(
      attempt("open", path, () => new OsPoolLockHandle(path, openDescriptor(path).descriptor)),
      (handle) => Effect.sync(() => handle.close())
    )
})
