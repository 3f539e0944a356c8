/**
 * What a process says about itself, so that it can be judged after its death: records of fixed length, each one write
 * to a file of its own. What was written is kept by the system whatever happens to the process; a record cut short
 * was not finished, so it was never said.
 */
import * as fs from "node:fs"

/** - `acknowledged`, `read`: a message, by number and origin.
 * - `gap`: numbers `seq` to `author - 1` were reported missing.
 * - `damaged`: message `seq` was reported damaged.
 * - `torn`: message `seq` was returned, and is not what anybody wrote.
 * - `failed`: something else went wrong; the process said what on stderr.
 */
const kinds = ["acknowledged", "read", "gap", "damaged", "torn", "failed"] as const
export type RecordKind = (typeof kinds)[number]

export interface JournalRecord {
  readonly kind: RecordKind
  readonly seq: number
  readonly author: number
  readonly counter: number
}

const recordWords = 4
const recordBytes = recordWords * 4

export class Journal {
  private readonly descriptor: number
  private words = new Uint32Array(recordWords * 64)
  private used = 0

  constructor(path: string) {
    this.descriptor = fs.openSync(path, "a")
  }

  /** Takes a record; `flush` says it. */
  add(kind: RecordKind, seq: number, author = 0, counter = 0): void {
    if (this.used + recordWords > this.words.length) {
      const longer = new Uint32Array(this.words.length * 2)
      longer.set(this.words)
      this.words = longer
    }
    this.words.set([kinds.indexOf(kind), seq, author, counter], this.used)
    this.used += recordWords
  }

  flush(): void {
    if (this.used > 0) fs.writeSync(this.descriptor, new Uint8Array(this.words.buffer, 0, this.used * 4))
    this.used = 0
  }
}

/** All that was said; nothing, if the process died before it began. */
export const readJournal = (path: string): ReadonlyArray<JournalRecord> => {
  if (!fs.existsSync(path)) return []
  const bytes = fs.readFileSync(path)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.length / recordBytes) }, (_, index) => {
    const word = (at: number): number => view.getUint32(index * recordBytes + at * 4, true)
    return { kind: kinds[word(0)]!, seq: word(1), author: word(2), counter: word(3) }
  })
}
