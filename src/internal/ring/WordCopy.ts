/**
 * A private copy of some bytes of a file, whose length is a multiple of 4: taken at once, judged at rest. Appends and
 * lookups take several small ones each, so a storage that can copy words quickly is asked for words.
 */
import type { PoolFile } from "../../PoolStorage.js"

export class WordCopy {
  readonly words: Int32Array
  readonly bytes: Uint8Array
  readonly view: DataView

  constructor(byteLength: number) {
    this.words = new Int32Array(byteLength >>> 2)
    this.bytes = new Uint8Array(this.words.buffer)
    this.view = new DataView(this.words.buffer)
  }

  /** The offset is a multiple of 4. */
  take(file: PoolFile, offset: number): void {
    if (file.readWords === undefined) file.read(offset, this.bytes, 0, this.bytes.length)
    else file.readWords(offset, this.words, this.words.length)
  }

  /** Both have the same length. */
  equals(other: WordCopy): boolean {
    return this.startsWith(other.words)
  }

  startsWith(start: Int32Array): boolean {
    const { words } = this
    for (let at = start.length - 1; at >= 0; at--) if (words[at] !== start[at]) return false
    return true
  }
}
