/** Bytes that were changed at random: read or refused as corrupt, never anything else, and never for long. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { isPoolError } from "../../src/PoolError.js"
import { decodeTags } from "../../src/internal/lite3/decodeTags.js"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { decodeValue } from "../../src/internal/lite3/decodeValue.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { hashKey } from "../../src/internal/lite3/keyBytes.js"
import { PayloadReader } from "../../src/internal/lite3/PayloadReader.js"
import { spanOf } from "../../src/internal/lite3/PayloadSpan.js"
import { readAnyEnvelope, readEnvelope } from "../../src/internal/lite3/readEnvelope.js"
import { portable, readUtf8, writeUtf8 } from "../../src/internal/lite3/utf8.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import { decodeVectors, encodeVectors, fromHex } from "./vectors.js"

/** The answer, or that the payload is corrupt. */
const outcome = <A>(body: () => A): A | "corrupt" => {
  try {
    return body()
  } catch (error) {
    if (isPoolError(error) && error.reason === "Corrupt") return "corrupt"
    throw error
  }
}

const originals = [...encodeVectors, ...decodeVectors]
  .filter((vector) => vector.payload_hex.length < 8000)
  .map((vector) => fromHex(vector.payload_hex))

/** A word of the payload becomes an offset, a small number or anything; words are where the structure is. */
const edit = fc.record({
  at: fc.nat(),
  value: fc.oneof(fc.nat(7), fc.nat(2000), fc.integer(), fc.constantFrom(96, 0xffffffff | 0, 0x7fffffff)),
  bytes: fc.constantFrom(1, 1, 4)
})

const damagedPayload = fc
  .record({
    original: fc.nat(originals.length - 1),
    edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
    cut: fc.option(fc.nat(), { freq: 8 })
  })
  .map(({ cut, edits, original }) => {
    const payload = originals[original]!.slice()
    for (const { at, bytes, value } of edits) {
      for (let index = 0; index < bytes; index++) payload[(at % payload.length) + index] = value >>> (index * 8)
    }
    return cut === null || cut % 8 > 0 ? payload : payload.slice(0, cut % payload.length)
  })

describe("damaged payloads", () => {
  it("are read or refused, and everybody agrees", () => {
    let read = 0
    let refused = 0
    fc.assert(
      fc.property(damagedPayload, (payload) => {
        const tags = outcome(() => decodeTags(payload))
        const text = outcome(() => decodeText(payload))
        const value = outcome(() => decodeValue(payload))
        const valid = outcome(() => validatePayload(payload))
        assert.strictEqual(value === "corrupt", valid === "corrupt")
        if (value === "corrupt") {
          refused++
          return
        }
        read++
        if (text === "corrupt" || tags === "corrupt") return assert.fail("only some can read it")
        assert.deepStrictEqual(text.tags, value.tags)
        assert.deepStrictEqual(tags, value.tags)
        assert.deepStrictEqual(JSON.parse(text.dataText), value.data)
        // What was read is a message like any other.
        assert.strictEqual(decodeText(encodeText(text.dataText, tags)).dataText, text.dataText)
      }),
      { seed: 20260304, numRuns: 20_000 }
    )
    assert.isAbove(read, 1000)
    assert.isAbove(refused, 1000)
  })

  // What the golden payloads leave to other rules to find.
  it("are refused for one broken rule alone", () => {
    const dataNode = 0x138
    const refusedFor = (words: string, text: string, change: (payload: Buffer) => Uint8Array): void => {
      const payload = Buffer.from(encodeText(text, []))
      validatePayload(payload)
      for (const read of [validatePayload, decodeValue, decodeText]) {
        assert.throws(() => void read(new Uint8Array(change(Buffer.from(payload)))), words)
      }
    }
    refusedFor("does not end at its NUL", '{"a_b":1}', (payload) => {
      payload[payload.indexOf("a_b") + 1] = 0
      payload.writeUInt32LE(hashKey(Buffer.from("a\0b"), 0, 3), dataNode + 4)
      return payload
    })
    refusedFor("node lies outside", "{}", (payload) => payload.subarray(0, -4))
    refusedFor("no keys", '{"a":[0,0,0,0,0,0,0,0]}', (payload) => {
      const root = dataNode + 100
      assert.strictEqual(payload.readUInt32LE(root + 32), (8 << 6) | 1)
      payload.writeUInt32LE((4 << 6) | 1, root + 32)
      payload[payload.readUInt32LE(root + 68) + 32] = 0
      return payload
    })
    for (const element of ["1.5", "7", '"text"', "[]"]) {
      refusedFor("overlap", `{"a":[${element},null,null,null,null,null,null]}`, (payload) => {
        const root = dataNode + 100
        for (let slot = 1; slot < 7; slot++) payload.copyWithin(root + 36 + slot * 4, root + 36, root + 40)
        return payload
      })
    }
  })

  it("look the same to the quick and to the careful reader of envelopes", () => {
    const payload = fromHex(encodeVectors.find((vector) => vector.name === "tags-with-chat-example")!.payload_hex)
    for (let at = 0; at < 320; at++) {
      for (const flip of [0x01, 0x02, 0x04, 0x80, 0xff]) {
        const changed = payload.slice()
        changed[at] = changed[at]! ^ flip
        assert.deepStrictEqual(
          outcome(() => readEnvelope(new PayloadReader(spanOf(changed)))),
          outcome(() => readAnyEnvelope(new PayloadReader(spanOf(changed)))),
          `byte ${at} ^ ${flip}`
        )
      }
    }
  })

  it("are not kept alive by what is remembered of them", () => {
    const buffer = Buffer.from(encodeText('{"remembered key":1}', []))
    assert.deepStrictEqual(decodeValue(buffer).data, { "remembered key": 1 })
    const key = buffer.indexOf("remembered")
    buffer[key] = "R".charCodeAt(0)
    assert.strictEqual(
      outcome(() => decodeValue(buffer)),
      "corrupt"
    )
  })
})

describe("text", () => {
  const anyBytes = fc.uint8Array({ maxLength: 40 })
  const sequences = fc
    .array(fc.constantFrom("a", "é", "\ufffd", "€", "\ufeff", "\u{1f600}", "\0"), { maxLength: 30 })
    .map((parts) => new Uint8Array(Buffer.from(parts.join(""))))

  it("is read the same with and without the runtime's help, and strictly", () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes, sequences), fc.nat(39), fc.nat(255), (bytes, at, value) => {
        if (at < bytes.length && value > 200) bytes[at] = value
        let expected: string | undefined
        try {
          expected = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
        } catch {
          expected = undefined
        }
        assert.strictEqual(readUtf8(bytes, 0, bytes.length), expected)
        assert.strictEqual(portable.readUtf8(bytes, 0, bytes.length), expected)
      }),
      { seed: 20260304, numRuns: 2000 }
    )
  })

  it("is written the same with and without the runtime's help, and strictly", () => {
    fc.assert(
      fc.property(fc.oneof(fc.fullUnicodeString({ maxLength: 30 }), fc.string16bits({ maxLength: 30 })), (text) => {
        const expected = Buffer.from(text).toString() === text ? Buffer.from(text) : undefined
        for (const write of [writeUtf8, portable.writeUtf8]) {
          const target = new Uint8Array(100)
          const written = write(text, target, 3)
          if (expected === undefined) assert.strictEqual(written, -1)
          else assert.deepStrictEqual(Buffer.from(target.subarray(3, 3 + written)), expected)
        }
      }),
      { seed: 20260304, numRuns: 2000 }
    )
  })
})
