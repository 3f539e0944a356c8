/**
 * The first page of a pool file: what never changes after creation (the geometry), checked once when a file is
 * opened. A file that passes can be trusted to have its ring where it says, and all of it.
 */
import { PoolError } from "../../PoolError.js"
import {
  formatVersion,
  headerAt,
  headerBytes,
  indexOffset,
  indexSlotBytes,
  littleEndian,
  payloadLimit,
  frameOverhead,
  poolMagic
} from "./layout.js"
import { getNumber64, setNumber64 } from "./words.js"

export interface Geometry {
  /** Bytes. */
  readonly fileSize: number
  /** Slots. */
  readonly indexCapacity: number
  /** File offset of the ring. */
  readonly ringOffset: number
  /** Bytes. */
  readonly ringSize: number
}

/** The largest payload a ring can take; negative when it can take none. */
export const maxPayloadBytes = (ringSize: number): number => Math.min(ringSize - frameOverhead, payloadLimit)

/** A new header page: the geometry, and a group that is all zero, which is an empty pool. */
export const encodeHeader = (geometry: Geometry): Uint8Array => {
  const page = new Uint8Array(headerBytes)
  writeGeometry(new DataView(page.buffer), geometry)
  return page
}

/** Every field that never changes; the bytes between them are left as they are. */
export const writeGeometry = (view: DataView, geometry: Geometry): void => {
  view.setUint32(headerAt.magic, poolMagic, true)
  view.setUint32(headerAt.version, formatVersion, true)
  view.setUint8(headerAt.endianness, littleEndian)
  setNumber64(view, headerAt.fileSize, geometry.fileSize)
  setNumber64(view, headerAt.indexOffset, indexOffset)
  view.setUint32(headerAt.indexCapacity, geometry.indexCapacity, true)
  setNumber64(view, headerAt.ringOffset, geometry.ringOffset)
  setNumber64(view, headerAt.ringSize, geometry.ringSize)
}

/** The geometry as the fields state it, unchecked. */
export const readGeometry = (view: DataView): Geometry => ({
  fileSize: getNumber64(view, headerAt.fileSize),
  indexCapacity: view.getUint32(headerAt.indexCapacity, true),
  ringOffset: getNumber64(view, headerAt.ringOffset),
  ringSize: getNumber64(view, headerAt.ringSize)
})

/** Reads the geometry, or throws: `Usage` for another format version, `Corrupt` for anything else. */
export const decodeGeometry = (view: DataView, fileLength: number, path: string): Geometry => {
  if (view.getUint32(headerAt.magic, true) !== poolMagic) throw notAPool(path, "it does not start with PLSM")
  const version = view.getUint32(headerAt.version, true)
  if (version !== formatVersion) throw unsupportedVersion(path, version)
  if (view.getUint8(headerAt.endianness) !== littleEndian) throw notAPool(path, "its byte order is not little-endian")
  const geometry = readGeometry(view)
  const problem = geometryProblem(geometry, getNumber64(view, headerAt.indexOffset), fileLength)
  if (problem !== undefined) throw notAPool(path, problem)
  return geometry
}

const geometryProblem = (geometry: Geometry, statedIndexOffset: number, fileLength: number): string | undefined => {
  const { fileSize, indexCapacity, ringOffset, ringSize } = geometry
  if (fileSize === 0 || fileSize !== fileLength)
    return `its header speaks of ${fileSize} bytes, the file has ${fileLength}`
  if (statedIndexOffset !== indexOffset) return `its index offset is ${statedIndexOffset} instead of ${indexOffset}`
  if (ringOffset !== indexOffset + indexCapacity * indexSlotBytes)
    return `its ring offset ${ringOffset} does not follow from an index of ${indexCapacity} slots`
  if (ringOffset + ringSize !== fileSize) return `its ring of ${ringSize} bytes does not end where the file ends`
  if (ringSize === 0) return "it has no ring"
  return undefined
}

/** A file whose header cannot be right. */
export const notAPool = (path: string, problem: string): PoolError =>
  new PoolError({
    reason: "Corrupt",
    message: `${path} is not a usable pool: ${problem}`,
    hint: "`pls doctor` says whether it can be repaired. If not, restore the file from a copy, or delete and recreate the pool.",
    path
  })

const unsupportedVersion = (path: string, version: number): PoolError =>
  new PoolError({
    reason: "Usage",
    message: `${path} has pool format version ${version}; this program supports version ${formatVersion}`,
    hint: "Upgrade this program, or migrate the messages to a new pool with the program that wrote them.",
    path
  })
