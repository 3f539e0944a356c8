/**
 * Locks within one process, with the rules of the operating system: they belong to a file, not to its path, so a pool that
 * replaced a deleted one has a lock of its own.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Os from "node:os"
import { PoolLock, type PoolLockHandle, type PoolLockMode } from "../src/PoolLock.js"
import { type PoolFile, PoolStorage } from "../src/PoolStorage.js"
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

/** The openings of one file, and who of them holds its lock. */
interface Opened {
  readonly holders: Holders
  readonly files: Set<PoolFile>
}

/**
 * Locks for the files of any storage that one process uses alone. A file is known by being open: two openings of a path are
 * one file while both are what the path leads to.
 *
 * @since 0.1.0
 * @category layers
 */
export const withinProcess: Layer.Layer<PoolLock, never, PoolStorage> = Layer.effect(
  PoolLock,
  Effect.map(PoolStorage, (storage) => {
    const openedAt = new Map<string, Opened>()

    const enter = (path: string, file: PoolFile): Opened => {
      const known = openedAt.get(path)
      const isSame = known !== undefined && [...known.files].some((other) => other.isCurrent())
      const opened = isSame ? known : { holders: { exclusive: false, shared: 0 }, files: new Set<PoolFile>() }
      openedAt.set(path, opened)
      opened.files.add(file)
      return opened
    }
    const leave = (path: string, file: PoolFile, opened: Opened): void => {
      opened.files.delete(file)
      if (opened.files.size === 0 && openedAt.get(path) === opened) openedAt.delete(path)
    }

    return PoolLock.of({
      open: (path) =>
        Effect.flatMap(storage.open(path), (file) =>
          Effect.map(
            Effect.acquireRelease(
              Effect.sync(() => {
                const opened = enter(path, file)
                return { opened, handle: new MemoryPoolLockHandle(path, opened.holders) }
              }),
              ({ handle, opened }) =>
                Effect.sync(() => {
                  handle.close()
                  leave(path, file, opened)
                })
            ),
            ({ handle }) => handle
          )
        )
    })
  })
)

/**
 * Locks for the files of `MemoryPoolStorage.layer`, if both are provided together.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PoolLock> = Layer.effect(PoolLock, make).pipe(Layer.provide(Memory.layer))
