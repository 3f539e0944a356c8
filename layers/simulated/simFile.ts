/**
 * A pool file as one process has it open. Each access is a moment at which others may act, a fault may strike or the
 * process may die. Copies of more than a few bytes are not one moment but many.
 */
import type { PoolFile } from "../../src/PoolStorage.js"
import { assertAligned, assertOneSector, assertWithin } from "../positionalFile.js"
import type { Chance } from "./Chance.js"
import type { SimClock } from "./SimClock.js"
import type { SimDisk, SimFile } from "./SimDisk.js"
import { ProcessDeath, type SimProcess } from "./SimProcess.js"
import type { SimScheduler } from "./SimScheduler.js"

/** What the devices of one simulation share. */
export interface Machine {
  readonly chance: Chance
  readonly scheduler: SimScheduler
  readonly clock: SimClock
  readonly disk: SimDisk
  readonly counts: SimulationCounts
}

/**
 * What happened on the machine so far. A test whose runs never saw any of it has tested only the sunny street.
 *
 * @since 0.1.0
 * @category models
 */
export interface SimulationCounts {
  /** A process died while it held a lock. */
  locksFreedByDeath: number
  /** Somebody else held the lock. */
  locksRefused: number
  /** A process died, or the disk failed, in the middle of a store. */
  storesCut: number
  /** An announcement that a waiter was not told of. */
  hintsLost: number
}

/** Copies are seen half done at these boundaries. */
const pieceBytes = 64

export class OpenSimFile implements PoolFile {
  byteLength: number
  readonly writable = true
  private readonly word = new Uint8Array(8)
  private readonly wordFields = new DataView(this.word.buffer)

  constructor(
    readonly path: string,
    private readonly file: SimFile,
    private readonly process: SimProcess,
    private readonly machine: Machine
  ) {
    this.byteLength = file.bytes.length
  }

  /** Nothing lies within the file any more, so every later use is a broken invariant and throws. */
  close(): void {
    this.byteLength = 0
  }

  read(offset: number, target: Uint8Array, targetStart: number, length: number): void {
    this.moment()
    assertWithin(this, offset, length)
    this.assertNoFault("read")
    for (let done = 0; done < length; done += pieceBytes) {
      if (done > 0) this.moment()
      const end = Math.min(done + pieceBytes, length)
      target.set(this.file.bytes.subarray(offset + done, offset + end), targetStart + done)
    }
  }

  write(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    assertWithin(this, offset, length)
    const bytes = source.slice(sourceStart, sourceStart + length)
    const pieces = Math.max(Math.ceil(length / pieceBytes), 1)
    const upwards = this.machine.chance.oneIn(2)
    const store = (piece: number): void => {
      const from = (upwards ? piece : pieces - 1 - piece) * pieceBytes
      this.put(offset + from, bytes.subarray(from, from + pieceBytes), this.machine.disk.access === "mapped" ? 8 : 512)
    }
    const stopBefore = this.beginStore(pieces)
    for (let piece = 0; piece < Math.min(stopBefore.piece, pieces); piece++) {
      if (piece > 0) this.moment()
      store(piece)
    }
    stopBefore.end?.()
  }

  store32(offset: number, value: number): void {
    assertAligned(this, offset, 4)
    this.wordFields.setUint32(0, value, true)
    this.storeWhole(offset, this.word.slice(0, 4), 8)
  }

  store64(offset: number, low: number, high: number): void {
    assertAligned(this, offset, 8)
    this.wordFields.setUint32(0, low, true)
    this.wordFields.setUint32(4, high, true)
    this.storeWhole(offset, this.word.slice(), 8)
  }

  publish(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    assertOneSector(this, offset, length)
    this.storeWhole(offset, source.slice(sourceStart, sourceStart + length), 512)
  }

  sync(offset: number, length: number): void {
    this.moment()
    this.assertNoFault("sync")
    this.machine.disk.sync(this.file, offset, length)
    this.machine.scheduler.record(offset + length)
    this.moment()
  }

  isCurrent(): boolean {
    this.moment()
    return this.machine.disk.file(this.path) === this.file
  }

  private storeWhole(offset: number, bytes: Uint8Array, grain: 8 | 512): void {
    assertWithin(this, offset, bytes.length)
    const { end } = this.beginStore(0)
    end?.()
    this.put(offset, bytes, grain)
  }

  /** Says before which piece the store stops, and how it ends there. */
  private beginStore(pieces: number): { readonly piece: number; readonly end?: () => never } {
    this.moment()
    const { chance, disk } = this.machine
    const fault = disk.nextFault("store", this.process, this.path)
    if (fault !== undefined) {
      const end = (): never => {
        throw fault.error
      }
      if (fault.short) this.machine.counts.storesCut++
      return { piece: fault.short ? chance.below(pieces) : 0, end }
    }
    if (!this.process.countStore()) return { piece: pieces }
    const end = (): never => {
      this.process.kill()
      throw new ProcessDeath(`${this.process.name} died while it wrote`)
    }
    const piece = chance.below(pieces + 1)
    if (piece > 0 && piece < pieces) this.machine.counts.storesCut++
    return { piece, end }
  }

  private put(offset: number, bytes: Uint8Array, grain: 8 | 512): void {
    const { clock, disk, scheduler } = this.machine
    scheduler.record(offset)
    disk.store(this.file, offset, bytes, grain, clock.unsafeCurrentTimeMillis())
  }

  private assertNoFault(operation: "read" | "sync"): void {
    const fault = this.machine.disk.nextFault(operation, this.process, this.path)
    if (fault !== undefined) throw fault.error
  }

  /** Others act, and perhaps end this process. */
  private moment(): void {
    this.process.assertAlive()
    this.machine.scheduler.interleave()
    this.process.assertAlive()
  }
}
