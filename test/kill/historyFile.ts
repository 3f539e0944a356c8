/**
 * Operations as records of fixed length, in a file for each process: a history has millions of them.
 */
import * as fs from "node:fs"
import type { Operation } from "./history.js"

const kinds = ["append", "found", "missing", "tailed", "gap", "torn"] as const
const recordBytes = 40
const chunkRecords = 4096

export class HistoryFile {
  private readonly descriptor: number
  private readonly bytes = new Uint8Array(recordBytes * chunkRecords)
  private readonly view = new DataView(this.bytes.buffer)
  private used = 0

  constructor(path: string) {
    this.descriptor = fs.openSync(path, "w")
  }

  add(
    kind: Operation["kind"],
    invoked: number,
    answered: number,
    seq: number,
    count = 1,
    author = 0,
    counter = 0
  ): void {
    const { used, view } = this
    view.setFloat64(used, invoked, true)
    view.setFloat64(used + 8, answered, true)
    view.setUint32(used + 16, kinds.indexOf(kind), true)
    view.setUint32(used + 20, seq, true)
    view.setUint32(used + 24, count, true)
    view.setUint32(used + 28, author, true)
    view.setUint32(used + 32, counter, true)
    this.used += recordBytes
    if (this.used === this.bytes.length) this.flush()
  }

  flush(): void {
    fs.writeSync(this.descriptor, this.bytes, 0, this.used)
    this.used = 0
  }
}

export const readHistory = (path: string, process: number): ReadonlyArray<Operation> => {
  const bytes = fs.readFileSync(path)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / recordBytes }, (_, index): Operation => {
    const at = index * recordBytes
    return {
      process,
      invoked: view.getFloat64(at, true),
      answered: view.getFloat64(at + 8, true),
      kind: kinds[view.getUint32(at + 16, true)]!,
      seq: view.getUint32(at + 20, true),
      count: view.getUint32(at + 24, true),
      author: view.getUint32(at + 28, true),
      counter: view.getUint32(at + 32, true)
    }
  })
}
