// The parser sees the same events wherever the text is cut.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { EventStreamParser, type ServerEvent } from "../../http/page/logic/eventStream.js"

const stream =
  '\uFEFFretry: 1500\n\n:\n\nevent: message\nid: 7\ndata: {"a":1}\n\ndata:x\r\ndata: y\r\n\r\n: note\rdata\rdata:  z\r\revent: only\n\nid: 8\nid: b\0d\nretry: soon\nunknown: x\nevent: error\ndata: last\n\ndata: never'
const expected: ReadonlyArray<ServerEvent> = [
  { event: "message", id: "7", data: '{"a":1}' },
  { event: "message", id: "7", data: "x\ny" },
  { event: "message", id: "7", data: "\n z" },
  { event: "error", id: "8", data: "last" }
]

describe("server-sent events", () => {
  it("are the same however the text is cut", () => {
    const cuts = fc.array(fc.nat(stream.length), { maxLength: 12 })
    fc.assert(
      fc.property(cuts, (places) => {
        const parser = new EventStreamParser()
        const events: Array<ServerEvent> = []
        let comments = 0
        let from = 0
        for (const to of [...places.sort((left, right) => left - right), stream.length]) {
          const piece = parser.push(stream.slice(from, to))
          events.push(...piece.events)
          comments += piece.comments
          from = to
        }
        assert.deepEqual(events, expected)
        assert.strictEqual(comments, 2)
        assert.strictEqual(parser.retryMillis, 1_500)
        assert.strictEqual(parser.lastEventId, "8")
      }),
      { numRuns: 500 }
    )
  })

  it("are read one character at a time, too", () => {
    const parser = new EventStreamParser()
    assert.deepEqual(
      [...stream].flatMap((character) => [...parser.push(character).events]),
      expected
    )
  })
})
