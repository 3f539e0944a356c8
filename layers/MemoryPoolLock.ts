/**
 * Locks for pools in memory, with the rules of the operating system: they belong to the opening of a file, not to its
 * path, so a pool that replaced a deleted one has a lock of its own.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Os from "node:os"
import { PoolLock, type PoolLockHandle, type PoolLockMode } from "../src/PoolLock.js"
import { errnoError } from "./errnoReason.js"
import * as Memory from "./MemoryDisk.js"

/** Who holds the lock of one file: one handle exclusively, or any number. */
interface Holders {
  exclusive: boolean
  shared: number
}

class MemoryPoolLockHandle implements PoolLockHandle {
  private held: PoolLockMode | undefined
  private closed = false

  constructor(
    private readonly path: string,
    private readonly holders: Holders
  ) {}

  tryAcquire(mode: PoolLockMode): boolean {
    if (this.held !== undefined) throw new Error(`${this.path} is locked by this handle already`)
    if (this.closed) throw new Error(`the lock of ${this.path} is closed`)
    const { holders } = this
    if (holders.exclusive || (mode === "exclusive" && holders.shared > 0)) return false
    if (mode === "exclusive") holders.exclusive = true
    else holders.shared++
    this.held = mode
    return true
  }

  release(): void {
    if (this.held === "exclusive") this.holders.exclusive = false
    if (this.held === "shared") this.holders.shared--
    this.held = undefined
  }

  close(): void {
    this.release()
    this.closed = true
  }
}

const make = Effect.map(Memory.MemoryDisk, ({ files }) => {
  const holdersOf = new WeakMap<Memory.MemoryFile, Holders>()

  const open = (path: string) =>
    Effect.suspend(() => {
      const file = files.get(path)
      if (file === undefined) return Effect.fail(errnoError("open", path, Os.constants.errno.ENOENT))
      const holders = holdersOf.get(file) ?? { exclusive: false, shared: 0 }
      holdersOf.set(file, holders)
      return Effect.succeed(new MemoryPoolLockHandle(path, holders))
    })

  return PoolLock.of({
    open: (path) => Effect.acquireRelease(open(path), (handle) => Effect.sync(() => handle.close()))
  })
})

/**
 * Locks for the files of `MemoryPoolStorage.layer`, if both are provided together.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PoolLock> = Layer.effect(PoolLock, make).pipe(Layer.provide(Memory.layer))
