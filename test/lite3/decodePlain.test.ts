/** The short way to decode a message agrees with the long one, whatever the bytes are, and wherever they lie. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { isDeepStrictEqual } from "node:util"
import { decodePlain } from "../../src/internal/lite3/decodePlain.js"
import { decodeAny, Decoded, decodeSpan } from "../../src/internal/lite3/decodeValue.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import type { MemberOrder } from "../../src/internal/lite3/memberOrder.js"
import { memberOrder } from "../../src/internal/lite3/memberOrder.js"
import { PayloadReader } from "../../src/internal/lite3/PayloadReader.js"
import { type PayloadSpan, spanOf } from "../../src/internal/lite3/PayloadSpan.js"
import { readEnvelope } from "../../src/internal/lite3/readEnvelope.js"
import { isPoolError } from "../../src/PoolError.js"
import { encodeVectors, fromHex, invalidVectors } from "./vectors.js"

/** In the middle of other bytes, all of them `filler`. */
const embedded = (payload: Uint8Array, filler: number): PayloadSpan => {
  const block = new Uint8Array(payload.length + 400).fill(filler)
  block.set(payload, 203)
  return { block, view: new DataView(block.buffer), start: 203, length: payload.length }
}

const guessOf = (payload: Uint8Array): MemberOrder => {
  const reader = new PayloadReader(spanOf(payload))
  const { data } = readEnvelope(reader)
  const start = reader.memberTop
  reader.openObject(data, 2)
  return memberOrder(reader.keys, start, reader.memberTop)
}

const outcome = (body: () => unknown): unknown => {
  try {
    return body()
  } catch (error) {
    if (isPoolError(error) && error.reason === "Corrupt") return error.message
    throw error
  }
}

/** Faster than the assertion, which then says what differs. */
const same = (actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected)) assert.deepStrictEqual(actual, expected)
}

const texts = [
  '{"from":"alice","msg":"hello bob"}',
  '{"a":1,"b":-1,"c":2147483647,"d":9007199254740993,"e":4294967296}',
  '{"x":1.5,"y":-0.0,"z":1e300}',
  '{"no":false,"none":null,"yes":true}',
  '{"empty":"","long":"the quick brown fox jumps over the lazy dog","text":"gr\u00fc\u00dfe \ud83d\ude00"}',
  '{"__proto__":"own","constructor":1}',
  '{"list":[1],"text":"beside a list"}',
  "{}"
]
const originals = texts.map((text) => encodeText(text, []))

const edit = fc.record({
  at: fc.nat(),
  value: fc.oneof(fc.nat(7), fc.nat(2000), fc.integer(), fc.constantFrom(96, 0xffffffff | 0, 0x7fffffff)),
  bytes: fc.constantFrom(1, 1, 4)
})

describe("decoding in one go", () => {
  it("gives what the reader gives, or leaves it to the reader", () => {
    const plain = originals.map((payload) => decodePlain(spanOf(payload), guessOf(payload)))
    for (const [index, payload] of originals.entries()) {
      const whole = decodeAny(spanOf(payload)).data
      if (plain[index] !== undefined) assert.deepStrictEqual(plain[index], whole)
    }
    assert.deepStrictEqual(
      plain.map((value) => value !== undefined),
      [true, false, true, true, true, true, false, true]
    )
    assert.isTrue(Object.hasOwn(plain[5]!, "__proto__"))
  })

  it("does so for every golden message, twice, so that the second one is guessed", () => {
    let taken = 0
    for (const { payload_hex, tags } of encodeVectors) {
      const payload = fromHex(payload_hex)
      const expected = decodeAny(spanOf(payload))
      for (let time = 0; time < 2; time++) {
        const decoded = decodeSpan(embedded(payload, 0x14))
        assert.deepStrictEqual(decoded.data, expected.data)
        assert.deepStrictEqual(decoded.tags, tags)
      }
      if (decodePlain(spanOf(payload), guessOf(payload)) !== undefined) taken++
    }
    assert.isAbove(taken, 40)
  })

  it("leaves parts that overlap to the reader, who refuses them", () => {
    const payload = encodeText('{"a":"x","b":"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"}', [])
    const guess = guessOf(payload)
    assert.isDefined(decodePlain(spanOf(payload), guess))
    // The first string now reaches to the end of the second, which ends with a NUL, too.
    const string = Buffer.from(payload).indexOf("\x05\x02\0\0\0x\0", "latin1")
    new DataView(payload.buffer, payload.byteOffset).setUint32(string + 1, payload.length - string - 5, true)
    assert.isUndefined(decodePlain(spanOf(payload), guess))
    assert.match(String(outcome(() => decodeSpan(spanOf(payload)))), /overlap/)
  })

  it("refuses what the reader refuses, with the same words, and never looks beyond the payload", () => {
    let taken = 0
    let refused = 0
    const damaged = fc.record({
      which: fc.nat(originals.length - 1),
      edits: fc.array(edit, { minLength: 1, maxLength: 2 }),
      cut: fc.option(fc.nat(40), { freq: 4 }),
      filler: fc.constantFrom(0, 0x14, 0xff)
    })
    const check = (which: number, payload: Uint8Array, filler: number): void => {
      const original = originals[which]!
      const expected = outcome(() => decodeAny(spanOf(payload)))
      const plain = decodePlain(embedded(payload, filler), guessOf(original))
      if (plain !== undefined) {
        taken++
        same(new Decoded([], plain), expected)
      }
      if (typeof expected === "string") refused++
      same(
        outcome(() => decodeAny(embedded(payload, filler))),
        expected
      )
      decodeSpan(spanOf(original))
      same(
        outcome(() => decodeSpan(embedded(payload, filler))),
        expected
      )
    }
    fc.assert(
      fc.property(damaged, ({ cut, edits, filler, which }) => {
        const payload = originals[which]!.slice()
        for (const { at, bytes, value } of edits) {
          for (let index = 0; index < bytes; index++) payload[(at % payload.length) + index] = value >>> (index * 8)
        }
        check(which, cut === null ? payload : payload.slice(0, payload.length - cut), filler)
      }),
      { seed: 20261201, numRuns: 4_000 }
    )
    // Every single byte, each with the values that structure is made of.
    for (const [which, original] of originals.entries()) {
      for (let at = 0; at < original.length; at++) {
        for (const value of [0, 6, 0x60]) {
          const payload = original.slice()
          payload[at] = value
          check(which, payload, 0x14)
        }
      }
    }
    for (const { payload_hex } of invalidVectors) {
      const payload = fromHex(payload_hex)
      if (payload.length >= 96) for (const which of originals.keys()) check(which, payload, 0)
    }
    assert.isAbove(taken, 2000)
    assert.isAbove(refused, 2000)
  })
})
