/**
 * What the B-tree of a container looks like after its entries were inserted one by one, worked out without any
 * bytes: the tree depends on the hashes alone. Two writers agree byte for byte only if they split the same nodes at
 * the same moments, so this follows the insertion step by step, splits made on failed attempts included.
 */
import { probe } from "./keyBytes.js"
import {
  childWord,
  entryWord,
  hashWord,
  keyCountMask,
  maxProbes,
  maxTreeHeight,
  nodeBytes,
  nodeCapacity,
  nodeWords,
  sizeShift,
  sizeWord,
  ValueType
} from "./layout.js"
import { PayloadRefused } from "./PayloadRefused.js"

export interface InsertionPlan {
  readonly entryCount: number
  readonly nodeCount: number
  /** How many nodes are appended right before each entry. */
  readonly nodesBefore: Uint8Array
  /**
   * The finished nodes, the root first, the others in the order they are appended, 24 words each; but entry and child
   * slots hold numbers of entries and nodes where the payload has offsets, and those not in use hold anything.
   */
  readonly images: Uint32Array
  /** When there is no node but the root, its bytes, with zeros for the offsets of the entries. */
  readonly rootImage: Uint8Array
}

/** One more element, and the tree is higher than readers accept. */
const longestArray = 2_097_160

/** Index is hash: the shape depends on the length only. */
export const planArray = (length: number): InsertionPlan => {
  if (length > longestArray) throw tooManyEntries(longestArray)
  const tree = new GrowingTree(ValueType.Array, length)
  for (let index = 0; index < length; index++) tree.insertElement(index)
  return tree.finish()
}

/** Entries in insertion order: their hashes, and the tag widths of their keys, which are all different. */
export const planObject = (hashes: Uint32Array, tagWidths: Uint8Array): InsertionPlan => {
  const tree = new GrowingTree(ValueType.Object, hashes.length)
  for (let entry = 0; entry < hashes.length; entry++) tree.insertMember(entry, hashes, tagWidths)
  return tree.finish()
}

const tooManyEntries = (most: number): PayloadRefused =>
  new PayloadRefused("limit", `an object or array like this one cannot have more than ${most} entries`)

/** A descent ends at a leaf, or at the entry that already has the hash. */
const inserted = -1

/** Nodes other than the root never have fewer than three keys. */
const mostNodes = (entries: number): number => (entries <= nodeCapacity ? 1 : 1 + Math.floor((entries - 1) / 3))

class GrowingTree {
  private readonly images: Uint32Array
  private readonly nodesBefore: Uint8Array
  private nodeCount = 1
  private entryCount = 0
  private height = 1

  constructor(
    private readonly type: number,
    entries: number
  ) {
    this.images = new Uint32Array(mostNodes(entries) * nodeWords)
    this.nodesBefore = new Uint8Array(entries)
    this.images[0] = type
  }

  finish(): InsertionPlan {
    this.images[sizeWord] = this.images[sizeWord]! | (this.entryCount << sizeShift)
    return {
      entryCount: this.entryCount,
      nodeCount: this.nodeCount,
      nodesBefore: this.nodesBefore,
      images: this.images,
      rootImage: rootImageOf(this.images)
    }
  }

  insertElement(index: number): void {
    const nodesBefore = this.startEntry()
    this.descend(index, index)
    this.nodesBefore[index] = this.nodeCount - nodesBefore
  }

  insertMember(entry: number, hashes: Uint32Array, tagWidths: Uint8Array): void {
    const nodesBefore = this.startEntry()
    for (let attempt = 0; ; attempt++) {
      if (attempt === maxProbes) throw new PayloadRefused("limit", `more than ${maxProbes} keys have the same hash`)
      const occupant = this.descend(probe(hashes[entry]!, attempt), entry)
      if (occupant === inserted) break
      if (tagWidths[occupant] !== tagWidths[entry]) {
        throw new PayloadRefused("limit", "a short and a long key have the same hash, which the format cannot express")
      }
    }
    this.nodesBefore[entry] = this.nodeCount - nodesBefore
  }

  /** Counts the insertion in the root, once however many attempts it takes. */
  private startEntry(): number {
    this.entryCount++
    this.images[0] = ((this.entryCount << 8) | this.type) >>> 0
    return this.nodeCount
  }

  /** Full nodes are split on the way down, even if the entry ends up elsewhere. */
  private descend(hash: number, entry: number): number {
    const { images } = this
    let parent = -1
    let slot = 0
    let node = 0
    for (;;) {
      if (this.keyCount(node) === nodeCapacity) {
        if (parent < 0) {
          node = this.lowerRoot()
          parent = 0
          slot = 0
        }
        const right = this.split(parent, slot, node)
        const separator = images[parent + hashWord + slot]!
        if (hash === separator) return images[parent + entryWord + slot]!
        if (hash > separator) node = right
      }
      const keyCount = this.keyCount(node)
      // From the right, where each element of an array goes.
      let index = keyCount
      while (index > 0 && images[node + hashWord + index - 1]! >= hash) index--
      if (index < keyCount && images[node + hashWord + index] === hash) return images[node + entryWord + index]!
      if (images[node + childWord] === 0) {
        this.insertKey(node, index, keyCount, hash, entry)
        return inserted
      }
      parent = node
      slot = index
      node = images[node + childWord + index]! * nodeWords
    }
  }

  private keyCount(node: number): number {
    return this.images[node + sizeWord]! & keyCountMask
  }

  private appendNode(): number {
    return this.nodeCount++ * nodeWords
  }

  /** The root never moves: its contents go to a new node, count of insertions included, which becomes its only child. */
  private lowerRoot(): number {
    if (this.height === maxTreeHeight) throw tooManyEntries(this.entryCount - 1)
    this.height++
    const { images } = this
    const left = this.appendNode()
    images.copyWithin(left, 0, nodeWords)
    images.fill(0, hashWord, nodeWords)
    images[childWord] = left / nodeWords
    return left
  }

  /** Three keys stay, the middle one goes up to `slot` of the parent, three go to a new node on the right. */
  private split(parent: number, slot: number, node: number): number {
    const { images } = this
    const right = this.appendNode()
    const parentKeys = this.keyCount(parent)
    images.copyWithin(parent + childWord + slot + 2, parent + childWord + slot + 1, parent + childWord + parentKeys + 1)
    images[parent + childWord + slot + 1] = right / nodeWords
    this.insertKey(parent, slot, parentKeys, images[node + hashWord + 3]!, images[node + entryWord + 3]!)

    images[right] = this.type
    images.copyWithin(right + hashWord, node + hashWord + 4, node + hashWord + nodeCapacity)
    images.copyWithin(right + entryWord, node + entryWord + 4, node + entryWord + nodeCapacity)
    images.copyWithin(right + childWord, node + childWord + 4, node + nodeWords)
    images.fill(0, node + hashWord + 3, node + hashWord + nodeCapacity)
    images[node + sizeWord] = 3
    images[right + sizeWord] = 3
    return right
  }

  private insertKey(node: number, slot: number, keyCount: number, hash: number, entry: number): void {
    const { images } = this
    for (let index = keyCount; index > slot; index--) {
      images[node + hashWord + index] = images[node + hashWord + index - 1]!
      images[node + entryWord + index] = images[node + entryWord + index - 1]!
    }
    images[node + hashWord + slot] = hash
    images[node + entryWord + slot] = entry
    images[node + sizeWord] = keyCount + 1
  }
}

const rootImageOf = (images: Uint32Array): Uint8Array => {
  const bytes = new Uint8Array(nodeBytes)
  const view = new DataView(bytes.buffer)
  for (let word = 0; word < entryWord; word++) view.setUint32(word * 4, images[word]!, true)
  return bytes
}
