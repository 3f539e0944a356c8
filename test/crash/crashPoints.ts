/**
 * Every point at which the process can die in a recorded append, and the file it leaves: stores that are atomic are
 * there or not; any other may be cut after each byte when it goes upwards, or at any word in another order.
 */
import type { Store } from "../ring/MemoryFile.js"
import type { Promised, Scenario } from "./scenarios.js"

/**
 * - `bytes`: a positioned write, cut after any byte;
 * - `upwards`, `downwards`, `shuffled`: stores into a map, 8 bytes at a time.
 */
export type CutOrder = "bytes" | "upwards" | "downwards" | "shuffled"
export const cutOrders: ReadonlyArray<CutOrder> = ["bytes", "upwards", "downwards", "shuffled"]

/** Larger stores are cut at pages only: the copies would take too long, and differ by nothing. */
const largeStore = 4096

const wordBytes = 8

/** Where the pieces of a store begin, in the order in which they reach the file. */
export const piecesOf = ({ atomic, bytes: { length } }: Store, order: CutOrder, random: () => number) => {
  const size = atomic ? length : length > largeStore ? 512 : order === "bytes" ? 1 : wordBytes
  const pieces: Array<{ readonly from: number; readonly to: number }> = []
  for (let from = 0; from < length; from += size) pieces.push({ from, to: Math.min(from + size, length) })
  // Compilers copy a header in line, from its start; only longer copies go as the C library likes.
  if (length <= 64) return pieces
  if (order === "downwards") pieces.reverse()
  if (order === "shuffled") {
    for (let last = pieces.length - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1))
      ;[pieces[last], pieces[other]] = [pieces[other]!, pieces[last]!]
    }
  }
  return pieces
}

/** Visits the file as a death before the first piece, and after each, leaves it. The image is only lent. */
export const forEachCrashPoint = (
  { before, promised, stores }: Scenario,
  order: CutOrder,
  random: () => number,
  visit: (image: Uint8Array, promised: Promised, storesDone: number) => void
): number => {
  const image = before.slice()
  let points = 1
  visit(image, promised[0]!, 0)
  for (const [index, store] of stores.entries()) {
    const pieces = piecesOf(store, order, random)
    for (const [at, { from, to }] of pieces.entries()) {
      image.set(store.bytes.subarray(from, to), store.offset + from)
      const done = at === pieces.length - 1 ? index + 1 : index
      visit(image, promised[done]!, done)
      points++
    }
  }
  return points
}
