/**
 * Storage and locks of a simulated machine, for the processes that run on it.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Os from "node:os"
import type { PoolLock, PoolLockHandle, PoolLockMode } from "../../src/PoolLock.js"
import type { PoolFileEntry, PoolStorage } from "../../src/PoolStorage.js"
import { attempt, errnoError } from "../errnoReason.js"
import type { SimFile } from "./SimDisk.js"
import { type Machine, OpenSimFile } from "./simFile.js"
import { currentProcess, type SimProcess } from "./SimProcess.js"

const { EEXIST, ENOENT } = Os.constants.errno

export const makeStorage = (machine: Machine): Context.Tag.Service<PoolStorage> => {
  const { clock, disk } = machine

  /** The work of one system call of the current process. */
  const call = <A>(
    operation: "create" | "open" | undefined,
    doing: string,
    path: string,
    work: (by: SimProcess) => A
  ) =>
    Effect.flatMap(FiberRef.get(currentProcess), (process) =>
      attempt(doing, path, () => {
        process.assertAlive()
        const fault = operation === undefined ? undefined : disk.nextFault(operation, process, path)
        if (fault !== undefined) throw fault.error
        return work(process)
      })
    )

  return {
    open: (path) =>
      Effect.acquireRelease(
        call(
          "open",
          "open",
          path,
          (process) => new OpenSimFile(path, existing(machine, "open", path), process, machine)
        ),
        (file) => Effect.sync(() => file.close())
      ),
    create: (path, { byteLength, header }, options) =>
      call("create", "create", path, () => {
        if (disk.file(path) !== undefined) throw errnoError("create", path, EEXIST)
        disk.create(path, byteLength, header, options?.durable === true, clock.unsafeCurrentTimeMillis())
      }),
    copy: (path, to) =>
      call("create", "copy", to, () => {
        const { bytes } = existing(machine, "copy", path)
        if (disk.file(to) !== undefined) throw errnoError("create", to, EEXIST)
        disk.create(to, bytes.length, bytes, true, clock.unsafeCurrentTimeMillis())
      }),
    list: (directory, extension = ".plasmite") =>
      call(undefined, "list", directory, () => entriesOf(machine, directory, extension)),
    removeEmptyDirectory: () => Effect.void,
    remove: (path) =>
      call(undefined, "delete", path, () => {
        if (!disk.remove(path)) throw errnoError("delete", path, ENOENT)
      })
  }
}

export const makeLocks = (machine: Machine): Context.Tag.Service<PoolLock> => {
  const holdersOf = new WeakMap<SimFile, Set<SimLockHandle>>()

  const open = Effect.fnUntraced(function* (path: string) {
    const process = yield* FiberRef.get(currentProcess)
    return yield* attempt("open", path, () => {
      const file = existing(machine, "open", path)
      const holders = holdersOf.get(file) ?? new Set()
      holdersOf.set(file, holders)
      const handle = new SimLockHandle(path, holders, process, machine)
      process.onDeath(() => {
        if (holders.delete(handle)) machine.counts.locksFreedByDeath++
      })
      return handle
    })
  })

  return { open: (path) => Effect.acquireRelease(open(path), (handle) => Effect.sync(() => handle.close())) }
}

class SimLockHandle implements PoolLockHandle {
  private mode: PoolLockMode | undefined
  private closed = false

  constructor(
    private readonly path: string,
    /** Whoever holds the lock of this file. */
    private readonly holders: Set<SimLockHandle>,
    private readonly process: SimProcess,
    private readonly machine: Machine
  ) {}

  tryAcquire(mode: PoolLockMode): boolean {
    this.process.assertAlive()
    this.machine.scheduler.interleave()
    this.process.assertAlive()
    if (this.holders.has(this)) throw new Error(`${this.path} is locked by this handle already`)
    if (this.closed) throw new Error(`the lock of ${this.path} is closed`)
    for (const holder of this.holders) {
      if (mode === "shared" && holder.mode === "shared") continue
      this.machine.counts.locksRefused++
      return false
    }
    this.mode = mode
    this.holders.add(this)
    this.machine.scheduler.record(this.process.id)
    return true
  }

  /** Not heard from the dead, whose `finally` blocks still run: their locks are freed by the machine. */
  release(): void {
    if (this.process.alive) this.holders.delete(this)
  }

  close(): void {
    this.release()
    this.closed = true
  }
}

const existing = ({ disk }: Machine, doing: string, path: string): SimFile => {
  const file = disk.file(path)
  if (file === undefined) throw errnoError(doing, path, ENOENT)
  return file
}

const entriesOf = ({ disk }: Machine, directory: string, extension: string): ReadonlyArray<PoolFileEntry> => {
  const prefix = directory.endsWith("/") ? directory : `${directory}/`
  const entries: Array<PoolFileEntry> = []
  for (const path of disk.paths) {
    const name = path.slice(prefix.length, -extension.length)
    if (!path.startsWith(prefix) || !path.endsWith(extension) || name === "" || name.includes("/")) continue
    const { bytes, modifiedMillis } = disk.file(path)!
    entries.push({ name, path, byteLength: bytes.length, modifiedMillis })
  }
  return entries.sort((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name)))
}
