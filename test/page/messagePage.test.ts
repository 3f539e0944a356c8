// A page of history is cut, not parsed: its messages keep their text.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { elementsOf, parseMessageAnswer, parseMessagePage } from "../../http/page/logic/messagePage.js"

const text = (seq: number): string =>
  `{"seq":${seq},"time":"2026-03-04T09:15:30.5Z","meta":{"tags":["[,]"]},"data":{"id":9007199254740993,"a":[1,[2]],"s":"]}\\""}}`

describe("a page of messages", () => {
  it("keeps the text of their data, and says where it goes on", () => {
    const page = parseMessagePage(
      `{"messages":[${text(1)}, ${text(2)}],"bounds":{"oldest":1,"newest":9},"next_after_seq":2,"prev_before_seq":null,"fell_behind":true}`
    )
    assert.deepEqual(
      page.messages.map(({ dataText, seq }) => [seq, dataText]),
      [1, 2].map((seq) => [seq, '{"id":9007199254740993,"a":[1,[2]],"s":"]}\\""}'])
    )
    assert.deepEqual(page.bounds, { oldest: 1, newest: 9 })
    assert.deepEqual([page.nextAfterSeq, page.prevBeforeSeq, page.fellBehind], [2, undefined, true])
  })

  it("may be empty", () => {
    const page = parseMessagePage('{"messages":[],"bounds":{}}')
    assert.deepEqual([page.messages.length, page.nextAfterSeq, page.fellBehind], [0, undefined, false])
  })

  it("is cut where its elements end", () => {
    fc.assert(
      fc.property(fc.array(fc.json(), { maxLength: 5 }), fc.constantFrom("", " "), (elements, space) => {
        const array = `[${space}${elements.join(`${space},${space}`)}${space}]`
        assert.deepEqual(
          elementsOf(array),
          elements.map((element) => element.trim())
        )
      }),
      { numRuns: 500 }
    )
  })

  it("is taken from an answer", () => {
    assert.strictEqual(parseMessageAnswer(`{"message":${text(7)}}`).seq, 7)
    assert.throws(() => parseMessageAnswer("{}"))
  })
})
