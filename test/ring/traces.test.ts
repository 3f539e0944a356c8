/**
 * Upstream's planner, step by step, against ours. From the same state we choose the same place and drop the same
 * messages, except that we never leave a stub of 1 to 63 bytes before the ring end (we wrap early or fill the frame up
 * instead), and never leave the tail on a wrap marker or in padding.
 */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { MemoryFile } from "./MemoryFile.js"
import { payloadOf } from "./tools.js"
import { lengthOf, upstreamAppend } from "./UpstreamWriter.js"

const directory = new URL("../golden/pools/traces/", import.meta.url)

interface Step {
  readonly payload_len: number
  readonly seq: number
  readonly drops: Array<[number, number, number | string]>
  readonly frame_off: number
  readonly wrap_off: number | null
  readonly head_off: number
  readonly tail_off: number
  readonly tail_next_off: number
  readonly oldest_seq: number
  readonly newest_seq: number
}

const createFor = (geometry: { readonly file_size: number; readonly index_capacity: number }): MemoryFile =>
  geometry.index_capacity === 0
    ? MemoryFile.createForeign(geometry.file_size)
    : MemoryFile.create(geometry.file_size, geometry.index_capacity)

describe("upstream's planner", () => {
  for (const name of readdirSync(directory)) {
    const [first, ...rest] = readFileSync(new URL(name, directory), "utf8").trim().split("\n")
    const geometry = JSON.parse(first!)
    const steps: Array<Step> = rest.map((line) => JSON.parse(line))
    const ringSize: number = geometry.ring_size

    it(`${name}: our model of it does the same`, () => {
      const file = createFor(geometry)
      for (const step of steps) {
        const { dropped, frameOffset, wrapOffset } = upstreamAppend(file, payloadOf(step.seq, step.payload_len))
        const group = Ring.open(file).readGroup()
        assert.deepStrictEqual(
          { frameOffset, wrapOffset, dropped, ...group },
          {
            frameOffset: step.frame_off,
            wrapOffset: step.wrap_off ?? undefined,
            dropped: step.drops.map(([, , kind]) => kind).filter((kind) => typeof kind === "number"),
            head: step.head_off,
            tail: step.tail_off,
            tailNext: step.tail_next_off,
            oldest: step.oldest_seq,
            newest: step.newest_seq
          }
        )
      }
    })

    it(`${name}: we plan the same, but for stubs and parked tails`, () => {
      const theirs = createFor(geometry)
      let stubs = 0
      let parked = 0
      for (const step of steps) {
        const payload = payloadOf(step.seq, step.payload_len)
        const ours = theirs.copy()
        const before = Ring.open(ours).readGroup()
        new RingWriter(Ring.open(ours), { keepPadding: true }).appendAll([payload], 0, 0, undefined)
        upstreamAppend(theirs, payload)
        const { head, newest, oldest, tail, tailNext } = Ring.open(ours).readGroup()
        assert.strictEqual(newest, step.newest_seq)
        const behind = ringSize - step.frame_off - lengthOf(step.payload_len)
        if (behind > 0 && behind < 64) {
          // Only a ring that no frame can fill to the end keeps a stub: one of odd size, in front of its start.
          stubs++
          const left = ringSize - head
          assert.isTrue(head === 0 || left >= 64 || (ringSize % 8 !== 0 && oldest === newest), `stub of ${left} bytes`)
          continue
        }
        const isParked = step.tail_off !== tail
        if (isParked) {
          parked++
          assert.deepStrictEqual({ tail, theirs: step.tail_next_off }, { tail: 0, theirs: 0 })
        } else if (step.oldest_seq !== before.oldest || step.tail_next_off !== 0) {
          // As long as upstream drops nothing it keeps a hint of 0, "unknown"; we always know.
          assert.strictEqual(tailNext, step.tail_next_off)
        }
        assert.deepStrictEqual({ head, oldest }, { head: step.head_off, oldest: step.oldest_seq })
      }
      assert.isBelow(stubs + parked, steps.length / 2)
    })
  }
})
