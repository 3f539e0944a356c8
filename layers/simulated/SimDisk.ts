/**
 * A disk that knows what it has promised. Stores are seen by everybody at once, as through the page cache, but are
 * durable only when synced: a power loss keeps whichever of the others chance picks, torn within. It fails on order,
 * and flips bits.
 *
 * @since 0.1.0
 */
import * as Os from "node:os"
import type { PoolError } from "../../src/PoolError.js"
import { errnoError } from "../errnoReason.js"
import type { Chance } from "./Chance.js"
import type { SimProcess } from "./SimProcess.js"

/**
 * How a power loss tears a store that was not synced: one through a map at any 8 bytes, one by a positioned write at
 * any sector of 512.
 *
 * @since 0.1.0
 * @category models
 */
export type Access = "mapped" | "positional"

/**
 * An access that will fail. Of the accesses of this kind `after` succeed first. A `short` store leaves a part of its
 * bytes in the file. With `process`, only accesses of that one count.
 *
 * @since 0.1.0
 * @category models
 */
export interface DiskFault {
  readonly operation: "create" | "open" | "read" | "store" | "sync"
  readonly code: "EIO" | "ENOSPC"
  readonly after?: number
  readonly short?: boolean
  readonly process?: SimProcess
}

/** A store that a power loss may take back. */
interface UnsyncedStore {
  readonly offset: number
  readonly bytes: Uint8Array
  /** Comes whole or not at all within each stretch of so many bytes. */
  readonly grain: 8 | 512
}

/**
 * What lies under a path.
 *
 * @since 0.1.0
 * @category models
 */
export interface SimFile {
  /** What everybody reads. */
  readonly bytes: Uint8Array
  modifiedMillis: number
}

interface Inode extends SimFile {
  /** What has certainly reached the disk. */
  readonly durable: Uint8Array
  unsynced: Array<UnsyncedStore>
  /** Whether the name in the directory has. */
  named: boolean
}

/** Beyond this many the system writes the oldest back by itself. */
const mostUnsynced = 2048

/**
 * @since 0.1.0
 * @category models
 */
export class SimDisk {
  private readonly inodes = new Map<string, Inode>()
  private faults: Array<{ readonly fault: DiskFault; left: number }> = []
  /** Faults that have struck so far. */
  faultsStruck = 0
  /** Stores that power losses took back, whole or in part. */
  storesLost = 0

  constructor(
    private readonly chance: Chance,
    readonly access: Access
  ) {}

  get paths(): ReadonlyArray<string> {
    return [...this.inodes.keys()]
  }

  file(path: string): SimFile | undefined {
    return this.inodes.get(path)
  }

  /** From here on this access fails, once. */
  failOn(fault: DiskFault): void {
    this.faults.push({ fault, left: fault.after ?? 0 })
  }

  /** Faults that did not strike yet never will. */
  heal(): void {
    this.faults = []
  }

  /** Everything stored so far, and every name, reaches the disk, as some seconds later it would by itself. */
  settle(): void {
    for (const inode of this.inodes.values()) {
      inode.durable.set(inode.bytes)
      inode.unsynced = []
      inode.named = true
    }
  }

  /** Turns one bit over, on the disk and in memory: bit 0 is the lowest of byte 0. */
  flipBit(path: string, bit: number): void {
    const inode = this.inodes.get(path)
    const at = Math.floor(bit / 8)
    if (inode === undefined || at >= inode.bytes.length) throw new Error(`there is no bit ${bit} in ${path}`)
    inode.bytes[at]! ^= 1 << (bit % 8)
    inode.durable[at]! ^= 1 << (bit % 8)
  }

  /**
   * What was synced is there; of everything else, what chance picks: all, nothing, or some, each sector for itself.
   * A file whose name never reached the disk may be gone.
   */
  losePower(): void {
    const keepsInTen = this.chance.pick([0, 1, 5, 9, 10])
    for (const [path, inode] of this.inodes) {
      const kept = new Uint8Array(inode.durable)
      for (const store of inode.unsynced) if (!this.settleSome(kept, store, keepsInTen)) this.storesLost++
      inode.unsynced = []
      // Another inode, so that whoever had the file open has nothing any more.
      if (!inode.named && this.chance.below(10) >= keepsInTen) this.inodes.delete(path)
      else this.inodes.set(path, { ...inode, bytes: kept, durable: kept.slice(), unsynced: [], named: true })
    }
  }

  /** The failure that was ordered for this access, if any. */
  nextFault(operation: DiskFault["operation"], process: SimProcess, path: string): OrderedFailure | undefined {
    for (const [index, entry] of this.faults.entries()) {
      const { fault } = entry
      if (fault.operation !== operation || (fault.process !== undefined && fault.process !== process)) continue
      if (entry.left-- > 0) continue
      this.faults.splice(index, 1)
      this.faultsStruck++
      return {
        error: errnoError(doing[operation], path, Os.constants.errno[fault.code]),
        short: fault.short === true
      }
    }
    return undefined
  }

  create(path: string, byteLength: number, header: Uint8Array, durable: boolean, nowMillis: number): void {
    const bytes = new Uint8Array(byteLength)
    bytes.set(header)
    const inode: Inode = {
      bytes,
      durable: durable ? bytes.slice() : new Uint8Array(byteLength),
      unsynced: durable ? [] : [{ offset: 0, bytes: header.slice(), grain: 512 }],
      named: durable,
      modifiedMillis: nowMillis
    }
    this.inodes.set(path, inode)
  }

  remove(path: string): boolean {
    return this.inodes.delete(path)
  }

  /** Puts bytes where everybody sees them. */
  store(file: SimFile, offset: number, bytes: Uint8Array, grain: UnsyncedStore["grain"], nowMillis: number): void {
    const inode = file as Inode
    inode.bytes.set(bytes, offset)
    inode.modifiedMillis = nowMillis
    inode.unsynced.push({ offset, bytes, grain })
    if (inode.unsynced.length <= mostUnsynced) return
    for (const store of inode.unsynced.splice(0, mostUnsynced / 2)) inode.durable.set(store.bytes, store.offset)
  }

  /** Everything stored so far that touches the range is durable, and so is the name of the file. */
  sync(file: SimFile, offset: number, length: number): void {
    const inode = file as Inode
    inode.named = true
    inode.unsynced = inode.unsynced.filter((store) => {
      const touches = store.offset < offset + length && offset < store.offset + store.bytes.length
      if (touches) inode.durable.set(store.bytes, store.offset)
      return !touches
    })
  }

  /** True if all of the store was kept. */
  private settleSome(kept: Uint8Array, { bytes, grain, offset }: UnsyncedStore, keepsInTen: number): boolean {
    let whole = true
    const end = offset + bytes.length
    for (let from = offset; from < end;) {
      const to = Math.min(end, (Math.floor(from / grain) + 1) * grain)
      if (this.chance.below(10) < keepsInTen) kept.set(bytes.subarray(from - offset, to - offset), from)
      else whole = false
      from = to
    }
    return whole
  }
}

/** What an ordered fault does to the access that it strikes. */
export interface OrderedFailure {
  readonly error: PoolError
  readonly short: boolean
}

const doing: Readonly<Record<DiskFault["operation"], string>> = {
  create: "create",
  open: "open",
  read: "read",
  store: "write to",
  sync: "flush"
}
