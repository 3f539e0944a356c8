/**
 * What a new pool file looks like. Every size that leaves this file gives a ring that is a multiple of 8 bytes, so
 * that frames can always be laid out without padding before its end.
 */
import { PoolError } from "../../PoolError.js"
import type { NewPoolFile } from "../../PoolStorage.js"
import type { Geometry } from "./header.js"
import { encodeHeader } from "./header.js"
import { headerBytes, indexCapacityLimit, indexOffset, indexSlotBytes } from "./layout.js"

/** One slot for this many bytes of file. */
const bytesPerSlot = 256
const mostAutomaticSlots = 65536
/** Header and the smallest ring an automatic index leaves. */
const reservedBytes = headerBytes + 1024

/** How many index slots a pool of this size gets when nobody says. */
export const automaticIndexCapacity = (fileSize: number): number => {
  const wished = Math.min(Math.floor(fileSize / bytesPerSlot), mostAutomaticSlots)
  const room = Math.max(Math.floor((fileSize - reservedBytes) / indexSlotBytes), 0)
  return Math.min(wished, room)
}

/**
 * The geometry and the first page of a new pool. `fileSize` is rounded up to a multiple of 8. Throws `Usage` when
 * there is no room for a ring, or when an index that was asked for would take more than half of the file.
 */
export const planPool = (options: {
  readonly fileSize: number
  readonly indexCapacity?: number
}): { readonly geometry: Geometry; readonly file: NewPoolFile } => {
  if (!Number.isSafeInteger(options.fileSize) || options.fileSize < 0) throw badSize(options.fileSize)
  const fileSize = Math.ceil(options.fileSize / 8) * 8
  const indexCapacity = options.indexCapacity ?? automaticIndexCapacity(fileSize)
  const indexBytes = indexCapacity * indexSlotBytes
  if (options.indexCapacity !== undefined) checkIndexCapacity(options.indexCapacity, fileSize)
  const ringOffset = indexOffset + indexBytes
  if (fileSize <= ringOffset) throw tooSmall(fileSize, indexCapacity)
  const geometry: Geometry = { fileSize, indexCapacity, ringOffset, ringSize: fileSize - ringOffset }
  return { geometry, file: { byteLength: fileSize, header: encodeHeader(geometry) } }
}

const checkIndexCapacity = (indexCapacity: number, fileSize: number): void => {
  if (!Number.isInteger(indexCapacity) || indexCapacity < 0 || indexCapacity > indexCapacityLimit) {
    throw new PoolError({
      reason: "Usage",
      message: `an index capacity of ${indexCapacity} slots is not possible`,
      hint: `Give a whole number from 0 to ${indexCapacityLimit}; 0 means no index.`
    })
  }
  if (indexCapacity * indexSlotBytes > fileSize / 2) {
    throw new PoolError({
      reason: "Usage",
      message: `an index capacity of ${indexCapacity} slots takes ${indexCapacity * indexSlotBytes} bytes, more than half of a pool of ${fileSize} bytes`,
      hint: "Ask for fewer slots or a larger pool, or leave the capacity out."
    })
  }
}

const tooSmall = (fileSize: number, indexCapacity: number): PoolError =>
  new PoolError({
    reason: "Usage",
    message:
      `a pool of ${fileSize} bytes has no room for messages: the header takes ${headerBytes} bytes` +
      (indexCapacity === 0 ? "" : `, an index capacity of ${indexCapacity} slots ${indexCapacity * indexSlotBytes}`),
    hint: "Choose a larger size; 1M is a good start."
  })

const badSize = (fileSize: number): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `a pool cannot have ${fileSize} bytes`,
    hint: "Give the size as a whole number of bytes."
  })
