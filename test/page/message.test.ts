// A message's data is the exact text that was sent, wherever it stands in the envelope.
import { assert, describe, it } from "vitest"
import { messageText, parseMessage, utf8Length } from "../../http/page/logic/message.js"
import { ExactJsonError } from "../../http/page/logic/exactJson.js"

describe("a message", () => {
  it("keeps the data's text and the fine digits of the time", () => {
    const data = '{"z":9007199254740993,"a":1.0,"s":"}\\"{","é":"😀"}'
    const text = `{"seq":12,"time":"2026-03-04T09:15:30.204518931Z","meta":{"tags":["a","b\\"],"]},"data":${data}}`
    const message = parseMessage(text)
    assert.strictEqual(message.dataText, data)
    assert.deepEqual(message.tags, ["a", 'b"],'])
    assert.strictEqual(message.seq, 12)
    assert.strictEqual(message.time, "2026-03-04T09:15:30.204518931Z")
    assert.strictEqual(message.timeMillis, Date.UTC(2026, 2, 4, 9, 15, 30, 204))
    assert.strictEqual(message.bytes, new TextEncoder().encode(data).length)
    assert.strictEqual(messageText(message), text)
  })

  it("is found in any order and spacing, with members that are not known", () => {
    const time = "2026-03-04T09:15:30Z"
    const plain = '{"a":{"b":1}}'
    for (const text of [
      `{"data": ${plain} ,"meta":{"x":1,"tags":["t"]}, "time":"${time}", "seq": 5 }`,
      `{"seq":5,"time":"${time}","meta":{"tags":["t"]},"data":${plain},"extra":{"data":{"no":1}}}`,
      `{"seq":5,"time":"${time}","meta":{"tags":["t"]},"data":${plain},"extra":1}`
    ]) {
      const message = parseMessage(text)
      assert.deepEqual([message.seq, message.tags, message.dataText], [5, ["t"], plain], text)
    }
  })

  it("is nothing less", () => {
    for (const text of ["", "[]", "{}", '{"seq":1}', '{"seq":1,"time":"x","meta":{"tags":[]},"data":{"a":}']) {
      assert.throws(() => parseMessage(text), ExactJsonError)
    }
  })

  it("is weighed in UTF-8", () => {
    for (const text of ["", "abc", "é", "€", "😀", "a😀é€"]) {
      assert.strictEqual(utf8Length(text), new TextEncoder().encode(text).length)
    }
  })
})
