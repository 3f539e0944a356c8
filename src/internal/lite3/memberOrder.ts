/**
 * Members come out of a payload in the order of their hashes; people get them in the order of their keys. Messages
 * of one kind have the same members, so the order found for a list of keys is remembered.
 */
import { nodeCapacity } from "./layout.js"
import type { StoredKey } from "./storedKeys.js"

export class MemberOrder {
  /** For each place in sorted order, which of the keys stands there. */
  readonly sorted: ReadonlyArray<number>
  /** All of the keys are remembered, and few enough for a root that has no other nodes. */
  readonly isGuessable: boolean
  private template: { [key: string]: null } | undefined
  private blanksMade = 0

  /** The keys in the order of their hashes. */
  constructor(readonly keys: ReadonlyArray<StoredKey>) {
    this.isGuessable = keys.length <= nodeCapacity && keys.every((key) => key.head !== undefined)
    this.sorted = keys.map((_, index) => index).sort((left, right) => keys[left]!.compare(keys[right]!))
  }

  /**
   * A new ordinary object that has the members, sorted, but no values yet. From the third time on it is a copy, which is
   * faster than adding members one by one.
   */
  blankObject(): { [key: string]: null } {
    if (this.template !== undefined) return { ...this.template }
    if (this.blanksMade++ === 0) return this.makeBlank()
    this.template = this.makeBlank()
    return { ...this.template }
  }

  /**
   * Unlike assignment, this makes a member of every key, `__proto__` included, and objects that V8 keeps in its fast form
   * however many members they have.
   */
  private makeBlank(): { [key: string]: null } {
    return Object.fromEntries(this.sorted.map((index) => [this.keys[index]!.text, null]))
  }
}

const tableSize = 1 << 10
const mostKeptKeys = 64
const table = Array.from<MemberOrder | undefined>({ length: tableSize })
export const noMembers = new MemberOrder([])

/** The order of the keys from `start` to `end`, which are all different. */
export const memberOrder = (keys: ReadonlyArray<StoredKey>, start: number, end: number): MemberOrder => {
  if (start === end) return noMembers
  const place = Math.imul(keys[start]!.hash ^ (keys[end - 1]!.hash << 7) ^ (end - start), 0x9e3779b1) >>> 22
  const known = table[place]
  if (known !== undefined && isOrderOf(known, keys, start, end)) return known
  const order = new MemberOrder(keys.slice(start, end))
  if (end - start <= mostKeptKeys) table[place] = order
  return order
}

/** Keys that are remembered are the same objects each time. */
const isOrderOf = (order: MemberOrder, keys: ReadonlyArray<StoredKey>, start: number, end: number): boolean => {
  if (order.keys.length !== end - start) return false
  for (let index = start; index < end; index++) if (order.keys[index - start] !== keys[index]) return false
  return true
}
