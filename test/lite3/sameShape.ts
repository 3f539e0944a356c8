/**
 * Messages that look alike, made to lead the short ways of the codec astray: they expect a message to be like the one
 * before, so each of these is, but for one thing.
 */
import type { OracleValue } from "./insertionOracle.js"

export type Random = () => number

/** Mulberry32: the same seed gives the same messages everywhere. */
export const randomOf = (seed: number): Random => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const pick = <A>(random: Random, choices: ReadonlyArray<A>): A => choices[Math.floor(random() * choices.length)]!

const scalars: ReadonlyArray<OracleValue> = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 63),
  2 ** 63,
  1e21,
  0.1,
  -1.5,
  5e-324,
  "",
  "a",
  "hello bob",
  "s".repeat(19),
  "s".repeat(24),
  "s".repeat(25),
  "s".repeat(64),
  "s".repeat(89),
  "s".repeat(90),
  "s".repeat(91),
  "\u00e9".repeat(45),
  "caf\u00e9",
  "\u{1f600}",
  "\u007f\u0080",
  'quote " and \\',
  "line\nbreak",
  "nul\0"
]

/** Few names, so that objects share them; some collide, some sort differently as UTF-16, some JavaScript reorders. */
const names = [
  "from",
  "msg",
  "ab",
  "bA",
  "c ",
  "\uffff",
  "\u{10000}",
  "10",
  "2",
  "__proto__",
  "",
  "toJSON",
  "k".repeat(64)
]

export type OracleObject = { readonly [key: string]: OracleValue }

/** Short lists, a few of them longer than one node holds. */
const randomKeys = (random: Random): ReadonlyArray<string> => {
  const count = random() < 0.8 ? Math.floor(random() * 5) : Math.floor(random() * 14)
  return [...new Set(Array.from({ length: count }, () => pick(random, names)))]
}

const randomValue = (random: Random, depth: number): OracleValue => {
  if (depth < 3 && random() < 0.15) return ofKeys(random, randomKeys(random), depth + 1)
  if (depth < 3 && random() < 0.1) {
    return Array.from({ length: Math.floor(random() * 10) }, () => randomValue(random, depth + 1))
  }
  return pick(random, scalars)
}

const ofKeys = (random: Random, keys: ReadonlyArray<string>, depth: number): OracleObject =>
  Object.fromEntries(keys.map((key) => [key, randomValue(random, depth)]))

/** A run of messages: a few kinds, interleaved, each met one to five times or more, and now and then out of order. */
export const randomRun = (random: Random, length: number): ReadonlyArray<OracleObject> => {
  const kinds = Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomKeys(random))
  return Array.from({ length }, () => {
    const keys = pick(random, kinds)
    const chance = random()
    if (chance < 0.1) return ofKeys(random, keys.toReversed(), 0)
    if (chance < 0.2) return ofKeys(random, keys.slice(1), 0)
    if (chance < 0.3) return ofKeys(random, [...keys, pick(random, names)], 0)
    return ofKeys(random, keys, 0)
  })
}
