/**
 * Restores the part of a header that never changes. Everything there follows from two numbers, the length of the file
 * and the size of the index, so that a damaged field can be told from the others; but only the messages prove it: with
 * the right geometry, and with no other, the chain from the oldest to the newest is whole.
 */
import type { PoolFile } from "../../PoolStorage.js"
import { assess } from "./assess.js"
import { groupProblem } from "./group.js"
import type { Geometry } from "./header.js"
import { readGeometry, writeGeometry } from "./header.js"
import { formatVersion, headerAt, headerBytes, identityBytes, indexOffset, indexSlotBytes } from "./layout.js"
import { Rehearsal } from "./rehearsal.js"
import { Ring } from "./Ring.js"

/**
 * The geometry that a file must have although its header says something else; `undefined` unless it is certain. It
 * never is for a file of another version, of another length than it once had, or without messages.
 */
export const provenGeometry = (file: PoolFile): Geometry | undefined => {
  const fileSize = file.byteLength
  if (fileSize < headerBytes) return undefined
  const view = readIdentity(file)
  if (view.getUint32(headerAt.version, true) !== formatVersion) return undefined
  const stated = readGeometry(view)
  if (stated.fileSize !== fileSize && stated.ringOffset + stated.ringSize !== fileSize) return undefined
  const capacities = new Set([
    stated.indexCapacity,
    (stated.ringOffset - indexOffset) / indexSlotBytes,
    (fileSize - stated.ringSize - indexOffset) / indexSlotBytes
  ])
  const proven: Array<Geometry> = []
  for (const indexCapacity of capacities) {
    const ringOffset = indexOffset + indexCapacity * indexSlotBytes
    if (!Number.isInteger(indexCapacity) || indexCapacity < 0 || ringOffset >= fileSize) continue
    const geometry: Geometry = { fileSize, indexCapacity, ringOffset, ringSize: fileSize - ringOffset }
    if (fitsMessages(file, geometry)) proven.push(geometry)
  }
  return proven.length === 1 ? proven[0] : undefined
}

/** Replaces the damaged fields in one write. */
export const mendHeader = (file: PoolFile, geometry: Geometry): void => {
  const view = readIdentity(file)
  writeGeometry(view, geometry)
  file.publish(0, new Uint8Array(view.buffer), 0, identityBytes)
}

const fitsMessages = (file: PoolFile, geometry: Geometry): boolean => {
  const mended = new Rehearsal(file)
  mendHeader(mended, geometry)
  const ring = Ring.open(mended, { allowUnsoundGroup: true })
  const group = ring.readGroupUnchecked()
  if (group.oldest === 0 || groupProblem(group, geometry.ringSize) !== undefined) return false
  const { finding } = assess(ring, group)
  return finding === "clean" || finding === "unpublished"
}

const readIdentity = (file: PoolFile): DataView => {
  const bytes = new Uint8Array(identityBytes)
  file.read(0, bytes, 0, identityBytes)
  return new DataView(bytes.buffer)
}
