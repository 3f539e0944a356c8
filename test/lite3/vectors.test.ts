/** Byte for byte what upstream writes, and everything it writes or might find is read or refused as it should be. */
import { assert, describe, it } from "@effect/vitest"
import { isPoolError } from "../../src/PoolError.js"
import { decodeTags } from "../../src/internal/lite3/decodeTags.js"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { decodeValue } from "../../src/internal/lite3/decodeValue.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { PayloadRefused } from "../../src/internal/lite3/PayloadRefused.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import {
  decodeVectors,
  encodeVectors,
  errorVectors,
  fromHex,
  invalidVectors,
  toHex,
  wholeDocumentText
} from "./vectors.js"

const refusal = (body: () => unknown): PayloadRefused => {
  try {
    body()
  } catch (error) {
    assert.instanceOf(error, PayloadRefused)
    return error
  }
  return assert.fail("nothing was refused")
}

const corruption = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    if (!isPoolError(error)) throw error
    assert.strictEqual(error.reason, "Corrupt")
    return error.message
  }
  return assert.fail("nothing was found to be corrupt")
}

describe("payloads of upstream", () => {
  // Three times, because a shape is remembered when it is seen again.
  for (const vector of encodeVectors.filter((candidate) => candidate.quirk === undefined)) {
    it(`are written alike: ${vector.name}`, () => {
      for (let time = 0; time < 3; time++) {
        assert.strictEqual(toHex(encodeText(vector.data_json, vector.tags)), vector.payload_hex)
        if (!vector.js_value_exact) continue
        assert.strictEqual(toHex(encodeValue(JSON.parse(vector.data_json), vector.tags)), vector.payload_hex)
      }
    })
  }

  it("are read alike", () => {
    for (const vector of encodeVectors) {
      const payload = fromHex(vector.payload_hex)
      validatePayload(payload)
      assert.strictEqual(wholeDocumentText(payload), vector.decoded_json, vector.name)
      assert.deepStrictEqual(decodeTags(payload), [...vector.tags])
      const { dataText, tags } = decodeText(payload)
      assert.deepStrictEqual(tags, [...vector.tags])
      // The same text again gives the same bytes, except where keys were cut, or upstream cut digits.
      if (vector.quirk !== "nul-key") assert.strictEqual(toHex(encodeText(dataText, tags)), vector.payload_hex)
    }
  })

  it("with numbers are off by a unit where we are not", () => {
    const vectors = encodeVectors.filter((vector) => vector.quirk === "imprecise-decimal-text")
    assert.strictEqual(vectors.length, 4)
    const texts: Array<string> = []
    for (const vector of vectors) {
      const payload = encodeText(vector.data_json, vector.tags)
      texts.push(decodeText(payload).dataText.slice(5, -1))
      const nearest = Number(vector.data_json.slice(5, -1))
      assert.deepStrictEqual(decodeValue(payload).data, { n: nearest })
      assert.notDeepEqual(decodeValue(fromHex(vector.payload_hex)).data, { n: nearest })
    }
    assert.deepStrictEqual(texts, [
      "9007199254740992.0",
      "0.9299482614094075",
      "1.7976931348623155e308",
      "123456789.12345679"
    ])
  })

  it("with cut keys are not written", () => {
    const vectors = encodeVectors.filter((vector) => vector.quirk === "nul-key")
    assert.strictEqual(vectors.length, 4)
    for (const vector of vectors) {
      assert.strictEqual(refusal(() => encodeText(vector.data_json, vector.tags)).kind, "shape")
      assert.strictEqual(refusal(() => encodeValue(JSON.parse(vector.data_json), vector.tags)).kind, "shape")
    }
  })
})

describe("payloads of others", () => {
  for (const vector of decodeVectors) {
    it(`are read: ${vector.name}`, () => {
      const payload = fromHex(vector.payload_hex)
      assert.strictEqual(wholeDocumentText(payload), vector.decoded_json)
      assert.deepStrictEqual(decodeTags(payload), [...vector.tags])
      const { data } = JSON.parse(vector.decoded_json) as { readonly data: unknown }
      assert.deepStrictEqual(JSON.parse(decodeText(payload).dataText), data)
      if (vector.upstream_append_validation === "accept") {
        validatePayload(payload)
        assert.deepStrictEqual(decodeValue(payload).data, data)
      } else {
        assert.include(
          corruption(() => validatePayload(payload)),
          "not an object"
        )
        assert.include(
          corruption(() => decodeValue(payload)),
          "not an object"
        )
      }
    })
  }

  it("are refused when damaged, each in no time", () => {
    const read = (payload: Uint8Array): void => {
      assert.isNotEmpty(corruption(() => validatePayload(payload)))
      assert.isNotEmpty(corruption(() => decodeValue(payload)))
      assert.isNotEmpty(corruption(() => decodeText(payload)))
      try {
        decodeTags(payload)
      } catch (error) {
        assert.isTrue(isPoolError(error) && error.reason === "Corrupt")
      }
    }
    const payloads = invalidVectors.map((vector) => fromHex(vector.payload_hex))
    for (const payload of payloads) read(payload)
    const start = performance.now()
    for (const payload of payloads) read(payload)
    assert.strictEqual(payloads.length, 122)
    assert.isBelow(performance.now() - start, payloads.length * 10)
  })
})

describe("what upstream refuses", () => {
  for (const vector of errorVectors) {
    it(`is refused: ${vector.name}`, () => {
      const error = refusal(() => encodeText(vector.data_json, vector.tags))
      const expected = vector.name.startsWith("data-is-")
        ? "shape"
        : /^(depth|collision)-/.test(vector.name)
          ? "limit"
          : "syntax"
      assert.strictEqual(error.kind, expected)
      const poolError = error.toPoolError()
      assert.strictEqual(poolError.reason, "Usage")
      assert.isNotEmpty(poolError.hint)
      if (expected === "shape") assert.include(poolError.message, "object")
    })
  }
})
