/**
 * A pool file in memory. It can record its stores, so that a crash at every boundary between two of them, and within
 * each that is not atomic, can be replayed onto a copy.
 */
import { readFileSync } from "node:fs"
import type { PoolFile } from "../../src/PoolStorage.js"
import type { PoolLockHandle, PoolLockMode } from "../../src/PoolLock.js"
import { planPool } from "../../src/internal/ring/create.js"

/** One store; a killed process leaves an atomic one whole or not at all. */
export interface Store {
  readonly offset: number
  readonly bytes: Uint8Array
  readonly atomic: boolean
}

export class MemoryFile implements PoolFile {
  readonly path = "test.plasmite"
  readonly writable = true
  readonly byteLength: number
  /** What was stored since `record` was last called. */
  stores: Array<Store> = []
  reads = 0
  /** Runs before every read; a test may change the file here, as another process would. */
  beforeRead: (() => void) | undefined

  /** Told when the disk is waited for. */
  onSync: ((offset: number, length: number) => void) | undefined

  /** Whether the next store fails. */
  failure: (() => boolean) | undefined

  constructor(readonly bytes: Uint8Array) {
    this.byteLength = bytes.length
  }

  static create(fileSize: number, indexCapacity?: number): MemoryFile {
    const { file } = planPool(indexCapacity === undefined ? { fileSize } : { fileSize, indexCapacity })
    const bytes = new Uint8Array(file.byteLength)
    bytes.set(file.header)
    return new MemoryFile(bytes)
  }

  /** A new pool whose ring size is taken as it is, as upstream does. */
  static createForeign(fileSize: number): MemoryFile {
    const file = MemoryFile.create(Math.ceil(fileSize / 8) * 8, 0)
    const view = new DataView(file.bytes.buffer)
    view.setUint32(16, fileSize, true)
    view.setUint32(48, fileSize - 4096, true)
    return new MemoryFile(file.bytes.slice(0, fileSize))
  }

  static golden(path: string): MemoryFile {
    return new MemoryFile(new Uint8Array(readFileSync(new URL(`../golden/pools/${path}`, import.meta.url))))
  }

  copy(): MemoryFile {
    return new MemoryFile(this.bytes.slice())
  }

  read(offset: number, target: Uint8Array, targetStart: number, length: number): void {
    this.checkRange(offset, length)
    this.reads++
    // Others may store in the middle of a long copy.
    const step = this.beforeRead === undefined ? length : 64
    for (let at = 0; at < length; at += step) {
      this.beforeRead?.()
      target.set(this.bytes.subarray(offset + at, offset + Math.min(at + step, length)), targetStart + at)
    }
  }

  write(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    this.store(offset, source.slice(sourceStart, sourceStart + length), false)
  }

  store32(offset: number, value: number): void {
    if (offset % 4 !== 0) throw new Error(`store32 at ${offset}`)
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value, true)
    this.store(offset, bytes, true)
  }

  store64(offset: number, low: number, high: number): void {
    if (offset % 8 !== 0) throw new Error(`store64 at ${offset}`)
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, low, true)
    view.setUint32(4, high, true)
    this.store(offset, bytes, true)
  }

  publish(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    if (Math.floor(offset / 512) !== Math.floor((offset + length - 1) / 512)) throw new Error("publish spans sectors")
    this.store(offset, source.slice(sourceStart, sourceStart + length), true)
  }

  sync(offset: number, length: number): void {
    this.onSync?.(offset, length)
  }

  isCurrent(): boolean {
    return true
  }

  record(): void {
    this.stores = []
  }

  private store(offset: number, bytes: Uint8Array, atomic: boolean): void {
    if (this.failure?.() === true) throw new Error("disk full")
    this.checkRange(offset, bytes.length)
    this.stores.push({ offset, bytes, atomic })
    this.bytes.set(bytes, offset)
  }

  private checkRange(offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.byteLength))
      throw new Error(`access to ${offset}+${length} of ${this.byteLength} bytes`)
  }
}

/** The order in which the pieces of a store that is not atomic reach the file. */
export type CopyOrder = "upwards" | "downwards" | "shuffled"

const atATime = (length: number): number => (length > 512 ? 64 : 8)

/** The stores as the smallest pieces that a death can separate. */
export const piecesOf = (
  stores: ReadonlyArray<Store>,
  order: CopyOrder,
  random: () => number
): ReadonlyArray<{ readonly offset: number; readonly bytes: Uint8Array }> =>
  stores.flatMap(({ atomic, bytes, offset }) => {
    if (atomic) return [{ offset, bytes }]
    const size = atATime(bytes.length)
    const pieces = []
    for (let at = 0; at < bytes.length; at += size)
      pieces.push({ offset: offset + at, bytes: bytes.slice(at, at + size) })
    // Compilers copy a header in line, from its start; only longer copies go as the C library likes.
    if (bytes.length <= 64) return pieces
    if (order === "downwards") pieces.reverse()
    if (order === "shuffled") {
      for (let last = pieces.length - 1; last > 0; last--) {
        const other = Math.floor(random() * (last + 1))
        ;[pieces[last], pieces[other]] = [pieces[other]!, pieces[last]!]
      }
    }
    return pieces
  })

/** Calls back with a copy of the file for a death before each piece, and after the last. */
export const forEachCrash = (
  before: Uint8Array,
  stores: ReadonlyArray<Store>,
  order: CopyOrder,
  random: () => number,
  visit: (image: MemoryFile, published: boolean) => void
): number => {
  const image = before.slice()
  const pieces = piecesOf(stores, order, random)
  for (const [index, { bytes, offset }] of pieces.entries()) {
    visit(new MemoryFile(image.slice()), false)
    image.set(bytes, offset)
    if (index === pieces.length - 1) visit(new MemoryFile(image.slice()), true)
  }
  return pieces.length + 1
}

/** A lock that is free, or not; one process needs no more. */
export class TestLock implements PoolLockHandle {
  held: PoolLockMode | undefined
  acquired = 0
  isFree = true
  /** Runs before every attempt. */
  beforeAttempt: (() => void) | undefined

  tryAcquire = (mode: PoolLockMode): boolean => {
    this.beforeAttempt?.()
    if (this.held !== undefined) throw new Error("the lock is held already")
    if (!this.isFree) return false
    this.held = mode
    this.acquired++
    return true
  }

  release = (): void => {
    this.held = undefined
  }
}

/** Reproducible chance (mulberry32). */
export const makeRandom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
