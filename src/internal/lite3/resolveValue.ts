/**
 * What `JSON.stringify` would see in place of an object: the answer of its `toJSON`, the primitive inside a
 * `Number`, `String`, `Boolean` or `BigInt` object. Everything that is not plain data goes through here first.
 */

export const resolveValue = (value: unknown, key: string): unknown => {
  if (typeof value !== "object" || value === null) return value
  const { toJSON } = value as { readonly toJSON?: unknown }
  return unbox(typeof toJSON === "function" ? (toJSON.call(value, key) as unknown) : value)
}

const unbox = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return value
  if (prototype === Number.prototype) return Number(value)
  if (prototype === String.prototype) return String(value)
  if (prototype === Boolean.prototype || prototype === BigInt.prototype) return value.valueOf()
  return value
}

/** No member that `for … in` finds is inherited. */
export const hasOnlyOwn = (object: object): boolean =>
  Object.getPrototypeOf(object) === Object.prototype && isEmpty(Object.prototype)

/** An object that stands for itself and has nothing but members of its own: the usual case, soon found out. */
export const isPlainObject = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as { readonly toJSON?: unknown }).toJSON !== "function" &&
  hasOnlyOwn(value)

const isEmpty = (object: object): boolean => {
  for (const _ in object) return false
  return true
}

/** What JSON leaves out of objects. */
export const isOmitted = (value: unknown): boolean =>
  value === undefined || typeof value === "function" || typeof value === "symbol"
