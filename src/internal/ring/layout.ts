/**
 * Every offset and constant of the pool file format, version 3, once. All integers in a file are little-endian;
 * ring offsets count from the start of the ring, everything else from the start of its structure.
 */

/** `PLSM` read as a little-endian word. */
export const poolMagic = 0x4d534c50
export const formatVersion = 3
export const littleEndian = 1

/** The first page: only its first 168 bytes are used. */
export const headerBytes = 4096

/** From the magic to the ring size: what never changes. */
export const identityBytes = 56

export const headerAt = {
  magic: 0,
  version: 4,
  endianness: 8,
  fileSize: 16,
  indexOffset: 24,
  indexCapacity: 32,
  ringOffset: 40,
  ringSize: 48
} as const

/** The five mutable fields, 40 bytes in a row inside one sector, so that one write replaces them all. */
export const groupOffset = 64
export const groupBytes = 40

export const groupAt = { head: 0, tail: 8, tailNext: 16, oldest: 24, newest: 32 } as const

/** Where the number of the newest message is stored, in the file. */
export const newestOffset = groupOffset + groupAt.newest

/** Group and header extension together: what one append publishes at once. */
export const publishedBytes = 104

/** What one append reads at once: what identifies the pool, and what was published last. */
export const openingBytes = groupOffset + publishedBytes

/** The header extension, relative to the group. It only saves work: whatever it says is checked before use. */
export const extensionAt = { magic: 64, newest: 72, newestFrame: 80, bootId: 88, appending: 96 } as const

/** `PLSX` and `0001`, each read as a little-endian word. */
export const extensionMagicLow = 0x58534c50
export const extensionMagicHigh = 0x31303030

export const indexOffset = 4096
export const indexSlotBytes = 16

export const frameHeaderBytes = 64

export const frameAt = {
  magic: 0,
  state: 4,
  flags: 8,
  headerLength: 12,
  seq: 16,
  timestamp: 24,
  payloadLength: 32,
  payloadLengthInverse: 36,
  payloadChecksum: 40,
  checksumTag: 44,
  headerChecksum: 48,
  reserved: 52
} as const

/** The header checksum covers these bytes: everything but magic and state, which change after it is written. */
export const checkedFrom = 8
export const checkedTo = 48

/** `FRM1` read as a little-endian word. */
export const frameMagic = 0x314d5246

export const frameState = { empty: 0, started: 1, committed: 2, wrapMarker: 3 } as const

/** `C32C` read as a little-endian word: the frame carries checksums. */
export const checksumTag = 0x43323343

/** `PLSM` and `CMIT`, each read as a little-endian word: follows every payload. */
export const commitMarkerLow = 0x4d534c50
export const commitMarkerHigh = 0x54494d43
export const commitMarkerBytes = 8

/** What a frame needs besides its payload, before rounding up. */
export const frameOverhead = frameHeaderBytes + commitMarkerBytes

/** Fewer bytes than this before the ring end cannot hold a frame header or a wrap marker: they are padding. */
export const smallestStub = frameHeaderBytes

/** The smallest frame: an empty payload. */
export const smallestFrame = frameOverhead

export const payloadLimit = 256 * 1024 * 1024

export const indexCapacityLimit = 0xffffffff

/** Numbers up to here are exact; a pool at one message per nanosecond gets there after a hundred days, none has. */
export const seqLimit = Number.MAX_SAFE_INTEGER
