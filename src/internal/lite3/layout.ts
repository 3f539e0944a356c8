/**
 * The shape of a payload in numbers: one flat buffer holding a tree of containers, each container a B-tree of
 * 96-byte nodes. All integers are little-endian; offsets count from the first byte of the payload. These numbers
 * are shared with every other implementation and never change.
 */

export const nodeBytes = 96
export const nodeCapacity = 7

/** Byte offsets within a node. Byte 0 is the type; the three bytes behind it count insertions. */
export const hashesAt = 4
export const sizeAt = 32
export const entriesAt = 36
export const childrenAt = 64

/** The same as indices of 32-bit words, for node images. */
export const nodeWords = 24
export const hashWord = 1
export const sizeWord = 8
export const entryWord = 9
export const childWord = 16

/** The size word is `entries of the container << 6 | keys of this node`. */
export const keyCountMask = 7
export const sizeShift = 6

/** The first byte of every value. */
export const ValueType = {
  Null: 0,
  Boolean: 1,
  Integer: 2,
  Float: 3,
  Bytes: 4,
  String: 5,
  Object: 6,
  Array: 7
} as const

/** Values of this total length start at a multiple of 4: containers, but also strings of exactly 90 bytes. */
export const alignedValueBytes = 96

/** Nested containers, the root counting as 1. */
export const maxNesting = 32

/** Levels of nodes in the tree of one container. */
export const maxTreeHeight = 10

/** Positions at which a key may be stored when keys before it have the same hash. */
export const maxProbes = 128

export const maxPayloadBytes = 256 * 1024 * 1024

/** Assembled from bytes: payloads have any alignment, and a view for each would cost more. */
export const wordAt = (bytes: Uint8Array, offset: number): number =>
  (bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)) >>> 0
