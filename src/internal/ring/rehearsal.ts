/**
 * A pool file as it would be after some stores, without making them. A repair is played here first: what it comes to
 * is known, and can be refused or preceded by a copy, before the first byte of the file changes.
 */
import type { PoolFile } from "../../PoolStorage.js"

interface RehearsedStore {
  readonly offset: number
  readonly bytes: Uint8Array
  /** All or nothing for whoever dies or looks. */
  readonly atomic: boolean
}

export class Rehearsal implements PoolFile {
  readonly path: string
  readonly byteLength: number
  readonly writable = true
  private readonly stores: Array<RehearsedStore> = []

  constructor(private readonly file: PoolFile) {
    this.path = file.path
    this.byteLength = file.byteLength
  }

  get changesNothing(): boolean {
    return this.stores.length === 0
  }

  /** The file as it is, then what was stored over it since. */
  read(offset: number, target: Uint8Array, targetStart: number, length: number): void {
    this.file.read(offset, target, targetStart, length)
    for (const { bytes, offset: storedAt } of this.stores) {
      const from = Math.max(offset, storedAt)
      const to = Math.min(offset + length, storedAt + bytes.length)
      if (from < to) target.set(bytes.subarray(from - storedAt, to - storedAt), targetStart + from - offset)
    }
  }

  write(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    this.store(offset, source.slice(sourceStart, sourceStart + length), false)
  }

  store32(offset: number, value: number): void {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value, true)
    this.store(offset, bytes, true)
  }

  store64(offset: number, low: number, high: number): void {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, low, true)
    view.setUint32(4, high, true)
    this.store(offset, bytes, true)
  }

  publish(offset: number, source: Uint8Array, sourceStart: number, length: number): void {
    this.store(offset, source.slice(sourceStart, sourceStart + length), true)
  }

  sync(): void {}

  isCurrent(): boolean {
    return this.file.isCurrent()
  }

  /** Makes the stores, in order; each has reached the disk before the next. */
  perform(): void {
    const { file } = this
    for (const { atomic, bytes, offset } of this.stores) {
      if (atomic) file.publish(offset, bytes, 0, bytes.length)
      else file.write(offset, bytes, 0, bytes.length)
      file.sync(offset, bytes.length)
    }
  }

  private store(offset: number, bytes: Uint8Array, atomic: boolean): void {
    this.stores.push({ offset, bytes, atomic })
  }
}
