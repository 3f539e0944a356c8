/**
 * Messages with few keys, few texts, and numbers where types and precisions meet, so that filters made of the same have
 * much to find in them.
 */
import * as fc from "effect/FastCheck"
import type { StoredMessage } from "../../src/EncodedPool.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"

// "Ab" and "BA" have the same hash.
export const keys = ["a", "b", "c", "Ab", "BA", "é", "10", "9", "a b", "\u{1F600}", "\uE000", "level", "msg"]
export const names = keys.filter((key) => /^[a-z]+$/.test(key))
export const texts = [
  "",
  "a",
  "b",
  "ab",
  "aB",
  "b.a",
  "error",
  "Error: no",
  "a\nb",
  "a\n",
  "é",
  "É",
  "\u{1F600}",
  "\uE000",
  "\uFFFE",
  "a\u{1F600}b",
  "\u212A",
  "a\u0000b",
  "1",
  "x".repeat(90)
]
export const plainNumbers = [
  "0",
  "1",
  "2",
  "3",
  "-1",
  "-2",
  "0.5",
  "1.0",
  "2.5",
  "1e2",
  "10",
  "-0.5",
  "0.1",
  "0.2",
  "0.3"
]
const wideNumbers = [
  "-0.0",
  "-0",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "-9223372036854775808",
  "9223372036854775807",
  "9223372036854775806",
  "1e300",
  "1.7976931348623157e308",
  "5e-324",
  "0.30000000000000004",
  "123456789012345.6"
]

export const oneOf = <A>(...values: ReadonlyArray<A>): fc.Arbitrary<A> => fc.constantFrom(...values)

/** JSON texts. */
export const jsonOf = (numbers: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      oneOf("null", "true", "false"),
      numbers,
      oneOf(...texts).map((text) => JSON.stringify(text)),
      tie("array"),
      tie("object")
    ),
    array: fc.array(tie("value"), { maxLength: 4 }).map((values) => `[${values.join(",")}]`),
    object: fc.dictionary(oneOf(...keys), tie("value"), { maxKeys: 5 }).map(
      (object) =>
        `{${Object.entries(object)
          .map(([key, value]) => `${JSON.stringify(key)}:${value}`)
          .join(",")}}`
    )
  })).value

const someNumbers = fc.oneof(
  { weight: 12, arbitrary: oneOf(...plainNumbers) },
  { weight: 1, arbitrary: oneOf(...wideNumbers) }
)
const member = jsonOf(someNumbers)

/** Most have most of the keys, so that filters find something; some have many, in more than one node of a tree. */
const data: fc.Arbitrary<string> = fc
  .tuple(
    fc.subarray(keys, { minLength: 2 }),
    fc.array(member, { minLength: keys.length, maxLength: keys.length }),
    fc.nat(19)
  )
  .map(([present, values, extra]) => {
    const members = present.map((key, index) => `${JSON.stringify(key)}:${values[index]!}`)
    if (extra === 0) for (let index = 0; index < 30; index++) members.push(`"k${index}":${index}`)
    if (extra === 1) members.push(`"items":[${Array.from({ length: 40 }, (_, index) => index % 7).join(",")}]`)
    return `{${members.join(",")}}`
  })

export const messages: fc.Arbitrary<StoredMessage> = fc
  .record({
    data,
    tags: fc.array(oneOf("a", "b", "ping", "é", ""), { maxLength: 9 }),
    seq: fc.integer({ min: 1, max: 9 })
  })
  .map((sample) => ({
    seq: sample.seq,
    timestampLow: 1_000_000_000 * (sample.seq % 4),
    timestampHigh: 411_000_000,
    payload: encodeText(sample.data, sample.tags)
  }))
