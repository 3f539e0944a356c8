/**
 * What JSON can say, as JavaScript values. Everything that enters or leaves a pool as a value has one of these
 * types; the public names are re-exported from `Message`.
 */

/** Any JSON value. A `bigint` is an integer that a `number` cannot hold exactly. */
export type JsonValue =
  null | boolean | number | bigint | string | ReadonlyArray<JsonValue> | { readonly [key: string]: JsonValue }

/** A JSON object. Every member is data, one named `__proto__` included. */
export type JsonObject = { readonly [key: string]: JsonValue }
