/**
 * The checksum against the values everybody publishes, and against its definition, bit by bit; the checksum of payloads
 * also after others that begin like them.
 */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { crc32c, payloadChecksum } from "../../src/internal/ring/checksum.js"

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

const bitByBit = (bytes: Uint8Array): number => {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

describe("CRC-32C", () => {
  it("has the known values", () => {
    const sum = (bytes: Uint8Array): number => crc32c(viewOf(bytes), 0, bytes.length)
    assert.strictEqual(sum(new TextEncoder().encode("123456789")), 0xe3069283)
    assert.strictEqual(sum(new Uint8Array(32)), 0x8a9136aa)
    assert.strictEqual(sum(new Uint8Array(32).fill(255)), 0x62a8ab43)
    assert.strictEqual(sum(Uint8Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e)
    assert.strictEqual(sum(new Uint8Array(0)), 0)
  })

  it("goes on from any point", () => {
    const bytes = viewOf(Uint8Array.from({ length: 100 }, (_, at) => at * 31))
    for (let cut = 0; cut <= 100; cut++)
      assert.strictEqual(crc32c(bytes, cut, 100, crc32c(bytes, 0, cut)), crc32c(bytes, 0, 100))
  })

  it("is what its definition says, for any bytes anywhere", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.uint8Array({ maxLength: 300, size: "max" }), FastCheck.nat(20), (bytes, from) => {
        const start = Math.min(from, bytes.length)
        assert.strictEqual(crc32c(viewOf(bytes), start, bytes.length), bitByBit(bytes.subarray(start)))
      }),
      { numRuns: 500 }
    )
  })
})

describe("the checksum of a payload", () => {
  /** Each is one of a few, changed in one place or cut short: so most begin like one before, for a while. */
  const payloads = FastCheck.tuple(
    FastCheck.array(FastCheck.uint8Array({ minLength: 1, maxLength: 1_200, size: "max" }), {
      minLength: 1,
      maxLength: 3
    }),
    FastCheck.array(FastCheck.tuple(FastCheck.nat(), FastCheck.nat(), FastCheck.nat(), FastCheck.nat(255)), {
      minLength: 1,
      maxLength: 100,
      size: "max"
    })
  )

  it("does not depend on the payloads before", () => {
    FastCheck.assert(
      FastCheck.property(payloads, ([originals, changes]) => {
        for (const [which, length, place, change] of changes) {
          const original = originals[which % originals.length]!
          const payload = original.slice(0, length % 4 === 0 ? length % (original.length + 1) : original.length)
          if (payload.length > 0) payload[place % payload.length]! ^= change
          const frame = new Uint8Array(8 + payload.length)
          frame.set(payload, 8)
          assert.strictEqual(payloadChecksum(viewOf(frame), 8, frame.length), bitByBit(payload))
        }
      }),
      { numRuns: 100 }
    )
  })
})
