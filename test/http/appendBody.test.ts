// Bodies that look like the one before take a short way to their payload. It has to lead where the long one leads, which is
// taken by the same body behind a blank.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { parseAppendJson } from "../../http/handlers/appendBody.js"
import { isPoolError } from "../../src/PoolError.js"

const outcome = (text: string): unknown => {
  try {
    const { durability, key, payload } = parseAppendJson(text)
    return [Buffer.from(payload).toString("hex"), durability, key]
  } catch (error) {
    if (!isPoolError(error)) throw error
    return [error.reason, error.message.replaceAll(/\d+/g, "n")]
  }
}

const prime = (): unknown => outcome(' {"data":{"from":"alice","n":1}}')

const assertSame = (text: string): void => {
  prime()
  const long = outcome(` ${text}`)
  prime()
  assert.deepStrictEqual(outcome(text), long, text)
}

describe("the short way of a body", () => {
  it("leads where the long one does, for bodies that end or go on in every way", () => {
    const data = '{"from":"bob","n":2}'
    const bodies = [
      `{"data":${data}}`,
      `{"data": ${data} }`,
      `{"data":${data},"tags":["a"]}`,
      `{"data":${data},"tags":null}`,
      `{"data":${data},"key":"k"}`,
      `{"data":${data},"durability":"flush"}`,
      `{"data":${data},"durability":"sometimes"}`,
      `{"data":${data},"unknown":{"n":1}}`,
      `{"data":${data},"data":{"from":"eve","n":3}}`,
      `{"data":{"from":"x","n":1},"data":${data}}`,
      `{"data":${data}}}`,
      `{"data":${data}}{"data":${data}}`,
      `{"data":${data}`,
      `{"data":${data}]`,
      `{"data":}`,
      `{"data":{}}`,
      `{"data":[1]}`,
      `{"data":"}"}`,
      `{"data":{"from":"bob","n":2,"n":3}}`,
      `{"data":{"n":2,"from":"bob"}}`,
      `{"data":{"from":"b\\u006fb","n":2}}`,
      `{"data":{"from":"b\nb","n":2}}`,
      `{"data":{"from":"\ud800","n":2}}`,
      ...["1.0", "1e3", "-0", "01", "9007199254740993", "18446744073709551615", "1.5", "null", "true", "NaN"].map(
        (number) => `{"data":{"from":"bob","n":${number}}}`
      )
    ]
    for (const body of bodies) assertSame(body)
  })

  it("leads where the long one does, for data of every kind and any byte changed", () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null))
    fc.assert(
      fc.property(value, value, fc.nat(), fc.constantFrom(...'{}[]",:0 \\e.-'), (from, n, at, other) => {
        const body = JSON.stringify({ data: { from, n } })
        assertSame(body)
        const place = at % body.length
        assertSame(body.slice(0, place) + other + body.slice(place + 1))
      }),
      { numRuns: 500 }
    )
  })
})
