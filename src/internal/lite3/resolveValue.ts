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

/** What JSON leaves out of objects. */
export const isOmitted = (value: unknown): boolean =>
  value === undefined || typeof value === "function" || typeof value === "symbol"
