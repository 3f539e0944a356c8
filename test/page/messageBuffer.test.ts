// The buffer is bounded, its rows keep their numbers, and nothing that was lost or came twice goes unnoticed.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { lowerBound, MessageBuffer } from "../../http/page/logic/messageBuffer.js"
import { message, messages } from "./messages.js"

const kinds = (buffer: MessageBuffer): Array<string> => {
  const told: Array<string> = []
  for (let row = buffer.firstRow; row < buffer.endRow; row++) {
    const held = buffer.rowAt(row)!
    if (held.kind === "message") told.push(String(held.message.seq))
    else if (held.kind === "gap") told.push(`gap ${held.lost} ${held.from}-${held.to}`)
    else told.push(held.kind)
  }
  return told
}

const small = { messages: 5, bytes: 1_000_000 }

describe("the message buffer", () => {
  it("drops the oldest at the cap and keeps the rows' numbers", () => {
    const buffer = new MessageBuffer(small)
    buffer.append(messages(1, 3))
    const rowOf3 = buffer.findSeq(3)!.row
    assert.deepEqual(buffer.append(messages(4, 7)), { added: 4, duplicates: 0, refused: 0, lost: 0 })
    assert.deepEqual(kinds(buffer), ["3", "4", "5", "6", "7"])
    assert.strictEqual(buffer.findSeq(3)!.row, rowOf3)
    assert.strictEqual(buffer.firstRow, 2)
    assert.strictEqual(buffer.newestSeq, 7)
    assert.strictEqual(buffer.oldestSeq, 3)
  })

  it("is bounded by bytes, too, but holds at least one message", () => {
    const buffer = new MessageBuffer({ messages: 100, bytes: 2_000 })
    const large = (seq: number) => message(seq, `{"x":"${"a".repeat(700)}"}`)
    buffer.append([large(1), large(2), large(3)])
    assert.deepEqual(kinds(buffer), ["2", "3"])
    buffer.append([message(4, `{"x":"${"a".repeat(9_000)}"}`)])
    assert.deepEqual(kinds(buffer), ["4"])
  })

  it("rejects what is there already", () => {
    const buffer = new MessageBuffer()
    buffer.append(messages(1, 4))
    assert.deepEqual(buffer.append(messages(3, 6)), { added: 2, duplicates: 2, refused: 0, lost: 0 })
    assert.deepEqual(kinds(buffer), ["1", "2", "3", "4", "5", "6"])
  })

  it("tells a gap once, with its numbers, and none for what a filter left out", () => {
    const buffer = new MessageBuffer()
    buffer.append([message(1), message(5)])
    assert.deepEqual(kinds(buffer), ["1", "gap 3 2-4", "5"])
    buffer.append([message(9)], { isFiltered: true })
    assert.deepEqual(kinds(buffer).slice(-2), ["5", "9"])
    buffer.addGap(10, 19)
    buffer.append([message(20)])
    assert.deepEqual(kinds(buffer).slice(-2), ["gap 10 10-19", "20"])
  })

  it("takes older pages in front, telling holes, and drops the newest for them", () => {
    const buffer = new MessageBuffer({ messages: 6, bytes: 1_000_000 })
    buffer.append(messages(10, 12))
    const rowOf10 = buffer.findSeq(10)!.row
    assert.strictEqual(buffer.prepend([...messages(5, 6), ...messages(9, 11)]), 3)
    assert.deepEqual(kinds(buffer).slice(0, 5), ["5", "6", "gap 2 7-8", "9", "10"])
    assert.strictEqual(buffer.findSeq(10)!.row, rowOf10)
    assert.isFalse(buffer.reachesLiveEnd)
    assert.strictEqual(buffer.missedCount, 1)
    assert.deepEqual(buffer.append([message(13)]), { added: 0, duplicates: 0, refused: 1, lost: 0 })
    assert.strictEqual(buffer.messagesFrom(buffer.findSeq(11)!.row), 3)
    buffer.reattach()
    buffer.append(messages(12, 13))
    assert.deepEqual(kinds(buffer), ["gap 2 7-8", "9", "10", "11", "12", "13"])
  })

  it("stops at the cap while held, and goes on where it stopped", () => {
    const buffer = new MessageBuffer(small)
    buffer.append(messages(1, 4))
    buffer.hold(true)
    assert.deepEqual(buffer.append(messages(5, 9)), { added: 1, duplicates: 0, refused: 4, lost: 0 })
    assert.deepEqual(kinds(buffer), ["1", "2", "3", "4", "5"])
    assert.strictEqual(buffer.messagesFrom(buffer.findSeq(4)!.row + 1), 5)
    buffer.hold(false)
    buffer.reattach()
    assert.deepEqual(buffer.append(messages(6, 9)), { added: 4, duplicates: 0, refused: 0, lost: 0 })
    assert.deepEqual(kinds(buffer), ["5", "6", "7", "8", "9"])
  })

  it("marks interruptions, one for several in a row, and a pool that was made anew", () => {
    const buffer = new MessageBuffer()
    buffer.append(messages(1, 2))
    buffer.addInterruption(100, 200)
    buffer.addInterruption(300, 400)
    buffer.append(messages(3, 3))
    buffer.addRecreated(500)
    buffer.append(messages(1, 2))
    assert.deepEqual(kinds(buffer), ["1", "2", "interruption", "3", "recreated", "1", "2"])
    assert.deepEqual(buffer.rowAt(buffer.firstRow + 2), { kind: "interruption", from: 100, until: 400 })
    assert.strictEqual(buffer.findSeq(1)!.row, buffer.firstRow + 5)
    assert.strictEqual(buffer.messageCount, 5)
    assert.strictEqual(buffer.messagesFrom(buffer.firstRow + 2), 3)
  })

  it("finds the nearest by number and by time, in rows below zero, too", () => {
    const buffer = new MessageBuffer()
    assert.isUndefined(buffer.findSeq(1))
    buffer.append([message(10), message(20)], { isFiltered: true })
    buffer.prepend([message(1), message(4)], { isFiltered: true })
    assert.deepEqual(buffer.findSeq(4), { row: -1, isExact: true })
    assert.deepEqual(buffer.findSeq(6), { row: -1, isExact: false })
    assert.deepEqual(buffer.findSeq(8), { row: 0, isExact: false })
    assert.deepEqual(buffer.findSeq(99), { row: 1, isExact: false })
    assert.deepEqual(buffer.findSeq(0), { row: -2, isExact: false })
    assert.deepEqual(buffer.findTime(message(20).timeMillis - 100), { row: 1, isExact: false })
  })

  it("forgets rows but not where the stream is", () => {
    const buffer = new MessageBuffer()
    buffer.append(messages(1, 3))
    buffer.clear()
    assert.deepEqual([buffer.rowCount, buffer.byteCount, buffer.newestSeq, buffer.firstRow], [0, 0, 3, 3])
    assert.deepEqual(buffer.append(messages(3, 4)), { added: 1, duplicates: 1, refused: 0, lost: 0 })
    buffer.reset()
    assert.deepEqual(buffer.append(messages(1, 1)), { added: 1, duplicates: 0, refused: 0, lost: 0 })
  })

  it("holds what a plain list would hold, whatever happens in which order", () => {
    type Step = readonly ["append" | "older" | "mark" | "clear", number]
    const step: fc.Arbitrary<Step> = fc.tuple(
      fc.constantFrom<Step[0]>("append", "append", "older", "mark", "clear"),
      fc.nat(9)
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const buffer = new MessageBuffer({ messages: 12, bytes: 1_000_000 })
        const numbers = new Map<string, number>()
        let live = 1_000
        for (const [kind, size] of steps) {
          if (kind === "append" && buffer.reachesLiveEnd) {
            buffer.append(messages(live, live + size))
            live += size + 1
          } else if (kind === "older") {
            const oldest = buffer.oldestSeq ?? live
            buffer.prepend(messages(oldest - size - 1, oldest - 1))
            live = Math.max(live, buffer.newestSeq! + 1)
          } else if (kind === "mark") buffer.addInterruption(size, size)
          else if (kind === "clear") {
            buffer.reset()
            numbers.clear()
          }
          if (buffer.rowCount > 12) assert.fail("over the cap")
          let bytes = 0
          let held = 0
          let before = 0
          for (let row = buffer.firstRow; row < buffer.endRow; row++) {
            const at = buffer.rowAt(row) ?? assert.fail("a hole")
            if (at.kind !== "message") continue
            held++
            bytes += at.message.bytes + 200
            assert.isAbove(at.message.seq, before)
            before = at.message.seq
            const known = numbers.get(`${at.message.seq}`) ?? row
            assert.strictEqual(row, known, "a row has moved")
            numbers.set(`${at.message.seq}`, row)
            assert.strictEqual(buffer.findSeq(at.message.seq)?.row, row)
          }
          assert.deepEqual([buffer.messageCount, buffer.byteCount], [held, bytes])
          // A message that fell out may come back in another row.
          for (const [seq, row] of numbers) if (row < buffer.firstRow || row >= buffer.endRow) numbers.delete(seq)
        }
      }),
      { numRuns: 300 }
    )
  })

  it("takes a million messages in bounded memory and time that does not grow", () => {
    const buffer = new MessageBuffer()
    const batch = messages(1, 1_000)
    for (let round = 0; round < 1_000; round++) {
      buffer.append(batch.map((held) => ({ ...held, seq: held.seq + round * 1_000 })))
    }
    assert.strictEqual(buffer.messageCount, 100_000)
    assert.strictEqual(buffer.oldestSeq, 900_001)
    assert.strictEqual(buffer.newestSeq, 1_000_000)
  })

  it("looks places up", () => {
    assert.deepEqual(
      [0, 1, 2, 3, 9].map((wanted) => lowerBound([1, 3, 3, 5], wanted)),
      [0, 0, 1, 1, 4]
    )
  })
})
