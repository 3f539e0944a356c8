// A page of history is cut, not parsed: what was sent is what is kept, whatever stands in its strings.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { elementsOf, parseMessageAnswer, parseMessagePage } from "../../http/page/logic/messagePage.js"

const message = (seq: number, data: string): string =>
  `{"seq":${seq},"time":"2026-03-01T09:15:22.104881Z","meta":{"tags":["a"]},"data":${data}}`

describe("a page of history", () => {
  it("keeps the data's text, digits and order included", () => {
    const odd = `{"z":9007199254740993,"a":1.50,"s":"},]\\"[{","n":{"m":[[],{}]}}`
    const page = parseMessagePage(
      `{"messages":[${message(3, odd)}, ${message(4, "{}")}],"bounds":{"oldest":3,"newest":90},` +
        `"next_after_seq":4,"prev_before_seq":null,"fell_behind":true}`
    )
    assert.deepStrictEqual(
      page.messages.map(({ dataText, seq, tags }) => [seq, dataText, tags]),
      [
        [3, odd, ["a"]],
        [4, "{}", ["a"]]
      ]
    )
    assert.deepStrictEqual(page.bounds, { oldest: 3, newest: 90 })
    assert.deepStrictEqual([page.nextAfterSeq, page.prevBeforeSeq, page.fellBehind], [4, undefined, true])
  })

  it("is empty for an empty pool", () => {
    const page = parseMessagePage(
      `{"messages":[],"bounds":{},"next_after_seq":null,"prev_before_seq":null,"fell_behind":false}`
    )
    assert.deepStrictEqual(page.messages, [])
    assert.strictEqual(page.nextAfterSeq, undefined)
  })

  it("cuts elements at the commas of their array only", () => {
    assert.deepStrictEqual(elementsOf(`[ {"a":[1,2]} , "x,y]" ,3]`), [`{"a":[1,2]}`, `"x,y]"`, "3"])
    assert.deepStrictEqual(elementsOf("[ ]"), [])
  })

  it("cuts any elements where they end", () => {
    fc.assert(
      fc.property(fc.array(fc.json(), { maxLength: 5 }), fc.constantFrom("", " "), (elements, space) => {
        const array = `[${space}${elements.join(`${space},${space}`)}${space}]`
        assert.deepStrictEqual(
          elementsOf(array),
          elements.map((element) => element.trim())
        )
      }),
      { numRuns: 500 }
    )
  })

  it("finds the message in the answer to an append", () => {
    assert.strictEqual(parseMessageAnswer(`{"message":${message(7, `{"n":1e400}`)}}`).dataText, `{"n":1e400}`)
    assert.throws(() => parseMessageAnswer(`{"appended":{}}`))
  })
})
