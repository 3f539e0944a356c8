/**
 * The bytes of a cursor: two records with checksums, each in a sector of its own, written in turns. A commit is one
 * positioned write into one sector, so it is there or it is not, and the record before it is never touched: whatever
 * dies on the way, the newer of the two that can be read is a place where the cursor stood.
 */
import type { CursorPosition, CursorState } from "../PoolCursors.js"
import { PoolError } from "../PoolError.js"
import type { NewPoolFile, PoolFile } from "../PoolStorage.js"
import { crc32c } from "./ring/checksum.js"
import { getNumber64, setNumber64 } from "./ring/words.js"

/** Bytes. A record of 64, at 0 and at 512. */
export const recordBytes = 64
const sectorBytes = 512
const fileBytes = 2 * sectorBytes

/** `PLSMCUR1`, low half first. */
const magicLow = 0x4d534c50
const magicHigh = 0x31525543

const at = { magic: 0, generation: 8, seq: 16, timestamp: 24, committed: 32, holder: 40, checksum: 60 } as const
const holderBytes = 16
const nobody = "0".repeat(2 * holderBytes)

/** Of a cursor that was never committed. */
export const neverCommitted: CursorState = {
  generation: 0,
  holder: "",
  seq: 0,
  timestampLow: 0,
  timestampHigh: 0,
  committedMillis: 0
}

/** What names the holder of a cursor: 32 hexadecimal digits, not all 0. */
export const isHolder = (text: string): boolean => /^[0-9a-f]{32}$/.test(text) && text !== nobody

const encodeRecord = (state: CursorState): Uint8Array => {
  const record = new Uint8Array(recordBytes)
  const view = new DataView(record.buffer)
  view.setUint32(at.magic, magicLow, true)
  view.setUint32(at.magic + 4, magicHigh, true)
  setNumber64(view, at.generation, state.generation)
  setNumber64(view, at.seq, state.seq)
  view.setUint32(at.timestamp, state.timestampLow, true)
  view.setUint32(at.timestamp + 4, state.timestampHigh, true)
  setNumber64(view, at.committed, state.committedMillis)
  for (let index = 0; index < state.holder.length / 2; index++) {
    record[at.holder + index] = Number.parseInt(state.holder.slice(2 * index, 2 * index + 2), 16)
  }
  view.setUint32(at.checksum, crc32c(view, 0, at.checksum) >>> 0, true)
  return record
}

const decodeRecord = (view: DataView): CursorState | undefined => {
  if (view.getUint32(at.magic, true) !== magicLow || view.getUint32(at.magic + 4, true) !== magicHigh) return undefined
  if (view.getUint32(at.checksum, true) !== crc32c(view, 0, at.checksum) >>> 0) return undefined
  let holder = ""
  for (let index = 0; index < holderBytes; index++) {
    holder += view
      .getUint8(at.holder + index)
      .toString(16)
      .padStart(2, "0")
  }
  return {
    generation: getNumber64(view, at.generation),
    holder: holder === nobody ? "" : holder,
    seq: getNumber64(view, at.seq),
    timestampLow: view.getUint32(at.timestamp, true),
    timestampHigh: view.getUint32(at.timestamp + 4, true),
    committedMillis: getNumber64(view, at.committed)
  }
}

/** A cursor that was never committed. */
export const newCursorFile = (): NewPoolFile => ({ byteLength: fileBytes, header: encodeRecord(neverCommitted) })

/** Whoever holds no lock may see a record while it is written; a moment later it is whole. */
const looks = 16

/** Where the cursor stands. Throws `Corrupt` when neither record can be read. */
export const readCursor = (file: PoolFile, name: string): CursorState => {
  if (file.byteLength !== fileBytes) throw damagedCursor(name, file.path)
  const record = new Uint8Array(recordBytes)
  const view = new DataView(record.buffer)
  const recordAt = (offset: number): CursorState | undefined => {
    file.read(offset, record, 0, recordBytes)
    return decodeRecord(view)
  }
  for (let look = 0; look < looks; look++) {
    const first = recordAt(0)
    const second = recordAt(sectorBytes)
    if (first === undefined && second === undefined) continue
    if (first === undefined || second === undefined) return first ?? second!
    return first.generation >= second.generation ? first : second
  }
  throw damagedCursor(name, file.path)
}

/** Writes over the older record; the caller holds the cursor. Generations alternate between the sectors. */
export const writeCursor = (
  file: PoolFile,
  before: CursorState,
  position: CursorPosition,
  nowMillis: number,
  holder: string
): { readonly state: CursorState; readonly offset: number } => {
  const state: CursorState = {
    generation: before.generation + 1,
    holder,
    seq: position.seq,
    timestampLow: position.timestampLow,
    timestampHigh: position.timestampHigh,
    committedMillis: nowMillis
  }
  const offset = (state.generation % 2) * sectorBytes
  file.publish(offset, encodeRecord(state), 0, recordBytes)
  return { state, offset }
}

const damagedCursor = (name: string, path: string): PoolError =>
  new PoolError({
    reason: "Corrupt",
    message: `cursor ${name} cannot be read: ${path} is damaged`,
    hint: "Remove the cursor; a new one starts where its consumer says.",
    path
  })
