/** Memory of payloads that were given back is used again, and never while anybody may still look at a payload in it. */
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { decodeValue } from "../../src/internal/lite3/decodeValue.js"
import { encodeValue } from "../../src/internal/lite3/encodeValue.js"
import { PayloadLease } from "../../src/internal/lite3/Scratch.js"

const encodeLeased = (...texts: ReadonlyArray<string>) => {
  const lease = new PayloadLease()
  const payloads = texts.map((text) => encodeValue({ text }, []))
  lease.settle(texts.length)
  return { lease, payloads, texts }
}
const holds = ({ payloads, texts }: ReturnType<typeof encodeLeased>): void =>
  assert.deepStrictEqual(
    payloads.map((payload) => decodeValue(payload).data["text"]),
    [...texts]
  )
const sameMemory = (one: Uint8Array, other: Uint8Array): boolean =>
  one.buffer === other.buffer && one.byteOffset === other.byteOffset

describe("a payload lease", () => {
  it("lets the next payload have the memory that was given back", () => {
    const first = encodeLeased("one", "two")
    first.lease.giveBack()
    const second = encodeLeased("three")
    assert.isTrue(sameMemory(first.payloads[0]!, second.payloads[0]!))
    holds(second)
  })

  it("gives back once", () => {
    const first = encodeLeased("one")
    first.lease.giveBack()
    const second = encodeLeased("two")
    first.lease.giveBack()
    encodeLeased("xxx")
    holds(second)
  })

  it("gives back what needed more than one block, and one of them serves the next batch", () => {
    const texts = Array.from({ length: 200 }, (_, index) => `${index} ${"x".repeat(100)}`)
    const first = encodeLeased(...texts)
    holds(first)
    const blocks = new Set(first.payloads.map(({ buffer }) => buffer))
    first.lease.giveBack()
    const second = encodeLeased(...texts)
    holds(second)
    assert.isAbove(blocks.size, 1)
    assert.isTrue(second.payloads.every(({ buffer }) => blocks.has(buffer)))
  })

  it("leaves all as it is when something was encoded between its payloads, or in a getter of one", () => {
    const between = () => {
      const lease = new PayloadLease()
      encodeValue({ text: "ours" }, [])
      const foreign = encodeLeased("between")
      encodeValue({ text: "ours" }, [])
      lease.settle(2)
      return { lease, foreign }
    }
    const within = () => {
      const lease = new PayloadLease()
      let foreign = encodeLeased("before")
      encodeValue({ toJSON: () => ((foreign = encodeLeased("within")), { text: "ours" }) }, [])
      lease.settle(1)
      return { lease, foreign }
    }
    for (const make of [between, within]) {
      const { foreign, lease } = make()
      lease.giveBack()
      encodeLeased("written over whatever was given back", "and more")
      holds(foreign)
    }
  })

  it("whatever the order in which leases end, keeps the payloads of those that have not", () => {
    const sizes = fc.array(fc.nat({ max: 3000 }), { minLength: 1, maxLength: 4 })
    const moves = fc.array(fc.record({ sizes, ends: fc.boolean(), which: fc.nat() }), { maxLength: 60 })
    fc.assert(
      fc.property(moves, (moves) => {
        const open: Array<ReturnType<typeof encodeLeased>> = []
        for (const { ends, sizes, which } of moves) {
          if (ends && open.length > 0) open.splice(which % open.length, 1)[0]!.lease.giveBack()
          else open.push(encodeLeased(...sizes.map((size) => `${which} ${"y".repeat(size)}`)))
          open.forEach(holds)
        }
      }),
      { numRuns: 300 }
    )
  })
})
