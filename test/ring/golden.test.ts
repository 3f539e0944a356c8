import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import { measure } from "../../src/internal/ring/measure.js"
import { readFrame } from "../../src/internal/ring/readFrame.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { verifyRing } from "../../src/internal/ring/verify.js"
import { formatTimestamp } from "../../src/internal/timestamp.js"
import { MemoryFile, TestLock } from "./MemoryFile.js"
import { appendOne, assertSound, payloadOf, readAll } from "./tools.js"

const directory = new URL("../golden/pools/", import.meta.url)
const names = readdirSync(directory)
  .filter((name) => name.endsWith(".plasmite"))
  .map((name) => name.slice(0, -".plasmite".length))

const infoOf = (name: string) => JSON.parse(readFileSync(new URL(`${name}.info.json`, directory), "utf8"))

const expectedLines = (name: string): Array<string> =>
  readFileSync(new URL(`${name}.expected.jsonl`, directory), "utf8")
    .split("\n")
    .filter((line) => line !== "")

describe("pools written by upstream", () => {
  it("are all here", () => assert.strictEqual(names.length, 23))

  for (const name of names) {
    it(`${name}: every message, in order`, () => {
      const file = MemoryFile.golden(`${name}.plasmite`)
      const lines = expectedLines(name)
      for (const batch of [1, 3, 1000]) {
        const { damaged, frames, gaps } = readAll(file, { batch })
        assert.deepStrictEqual({ damaged, gaps }, { damaged: [], gaps: [] })
        assert.strictEqual(frames.length, lines.length)
        for (const [index, frame] of frames.entries()) {
          const { dataText, tags } = decodeText(frame.payload)
          const time = formatTimestamp(frame.timestampLow, frame.timestampHigh)
          assert.deepStrictEqual(
            { data: JSON.parse(dataText), meta: { tags }, seq: frame.seq, time },
            JSON.parse(lines[index]!)
          )
        }
      }
    })

    it(`${name}: every message by its number, from newest to oldest`, () => {
      const file = MemoryFile.golden(`${name}.plasmite`)
      const ring = Ring.open(file)
      const { frames } = infoOf(name)
      for (const { payload_len, seq } of frames.toReversed()) {
        const frame = readFrame(ring, new TestLock(), seq)
        assert.isObject(frame)
        if (typeof frame === "object") assert.strictEqual(frame.payload.length, payload_len)
      }
      const first = frames[0]?.seq ?? 1
      assert.strictEqual(readFrame(ring, new TestLock(), first - 1), "missing")
      assert.strictEqual(readFrame(ring, new TestLock(), ring.newestSeq() + 1), "missing")
    })

    it(`${name}: header, bounds and sizes`, () => {
      const ring = Ring.open(MemoryFile.golden(`${name}.plasmite`))
      const info = infoOf(name)
      const { freeBytes, group, messageCount, usedBytes, usedPercent } = measure(ring)
      assert.deepStrictEqual(
        { ...ring.geometry, ...group, freeBytes, messageCount, usedBytes, percent: Math.round(usedPercent * 100) },
        {
          fileSize: info.header.file_size,
          indexCapacity: info.header.index_capacity,
          ringOffset: info.header.ring_offset,
          ringSize: info.header.ring_size,
          head: info.header.head_off,
          tail: info.header.tail_off,
          tailNext: info.header.tail_next_off,
          oldest: info.header.oldest_seq,
          newest: info.header.newest_seq,
          freeBytes: info.free_bytes,
          messageCount: info.message_count,
          usedBytes: info.used_bytes,
          percent: info.used_percent_hundredths
        }
      )
      assert.strictEqual(ring.newestSeq(), info.header.newest_seq)
    })

    it(`${name}: nothing is wrong with it, and appends go on`, () => {
      const file = MemoryFile.golden(`${name}.plasmite`)
      const info = infoOf(name)
      const check = verifyRing(Ring.open(file), (payload) => {
        validatePayload(payload)
        return undefined
      })
      assert.deepStrictEqual(check.issues, [])
      assert.strictEqual(check.finding, "clean")
      assert.strictEqual(check.lastGoodSeq, info.bounds.newest ?? null)
      assert.strictEqual(
        check.hints.some((hint) => hint.includes("padding")),
        info.has_end_padding
      )
      if (name === "tiny-empty") return
      const writer = new RingWriter(Ring.open(file))
      for (let count = 1; count <= 60; count++) {
        const appended = writer.appendAll([payloadOf(count, (count * 37) % 420)], 1, 2, undefined)
        assert.strictEqual(appended.firstSeq, info.header.newest_seq + count)
        assert.strictEqual(appended.repaired, undefined)
        assertSound(file)
      }
      assert.strictEqual(readAll(file).seqs.at(-1), info.header.newest_seq + 60)
    })
  }

  it("keeps reserved bytes that somebody else uses", () => {
    const file = MemoryFile.golden("reserved-bytes-filled.plasmite")
    const before = file.bytes.slice()
    const writer = new RingWriter(Ring.open(file))
    for (let count = 0; count < 50; count++) appendOne(writer, payloadOf(count, 200))
    const changed = Array.from({ length: 4096 }, (_, at) => at).filter((at) => before[at] !== file.bytes[at])
    assert.isTrue(changed.every((at) => at >= 64 && at < 104))
  })
})
