/**
 * Members come out of a payload in the order of their hashes; people get them in the order of their keys. Messages
 * of one kind have the same members, so the order found for a list of keys is remembered.
 */
import type { StoredKey } from "./storedKeys.js"

export interface MemberOrder {
  /** In the order of their hashes. */
  readonly keys: ReadonlyArray<StoredKey>
  /** For each place in sorted order, which of the keys stands there. */
  readonly sorted: ReadonlyArray<number>
  /** An ordinary object that has the members, sorted, with no values yet. Copying it is faster than adding members. */
  readonly template: { readonly [key: string]: null }
}

const tableSize = 1 << 10
const mostKeptKeys = 64
const table = Array.from<MemberOrder | undefined>({ length: tableSize })

/** The order of the keys from `start` to `end`, which are all different. */
export const memberOrder = (keys: ReadonlyArray<StoredKey>, start: number, end: number): MemberOrder => {
  if (start === end) return noMembers
  const place = Math.imul(keys[start]!.hash ^ (keys[end - 1]!.hash << 7) ^ (end - start), 0x9e3779b1) >>> 22
  const known = table[place]
  if (known !== undefined && isOrderOf(known, keys, start, end)) return known
  const order = makeOrder(keys.slice(start, end))
  if (end - start <= mostKeptKeys) table[place] = order
  return order
}

/** Keys that are remembered are the same objects each time. */
const isOrderOf = (order: MemberOrder, keys: ReadonlyArray<StoredKey>, start: number, end: number): boolean => {
  if (order.keys.length !== end - start) return false
  for (let index = start; index < end; index++) if (order.keys[index - start] !== keys[index]) return false
  return true
}

const makeOrder = (keys: ReadonlyArray<StoredKey>): MemberOrder => {
  const sorted = keys.map((_, index) => index).sort((left, right) => keys[left]!.compare(keys[right]!))
  // Unlike assignment, this makes a member of every key, `__proto__` included.
  return { keys, sorted, template: Object.fromEntries(sorted.map((index) => [keys[index]!.text, null])) }
}

const noMembers = makeOrder([])
