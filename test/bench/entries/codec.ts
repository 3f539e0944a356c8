/** Encoding and decoding beside the JSON functions of the engine, on the same data. */
import { decodeValue } from "../../../src/internal/lite3/decodeValue.js"
import { encodeLent, encodeValue } from "../../../src/internal/lite3/encodeValue.js"
import { giveBack } from "../../../src/internal/lite3/Scratch.js"
import type { JsonObject } from "../../../src/index.js"
import type { Entry } from "../Entry.js"
import { nanosPerCall, tinyText } from "../messages.js"

/** Objects of their own, so that nothing is remembered by identity. */
const values = Array.from({ length: 64 }, () => JSON.parse(tinyText) as JsonObject)
const noTags: ReadonlyArray<string> = []
const payloads = values.map((value) => encodeValue(value, noTags))

/** As `Pool.append` does it: the payload is forgotten once it is in the pool. */
const encode = (index: number): number => {
  const payload = encodeLent(values[index & 63]!, noTags)
  giveBack(payload)
  return payload.length
}
const stringify = (index: number): number => JSON.stringify(values[index & 63]).length
const decode = (index: number): number => (decodeValue(payloads[index & 63]!).data["msg"] as string).length
const parse = (): number => (JSON.parse(tinyText) as { readonly msg: string }).msg.length

export const codec: Entry = {
  name: "codec",
  roundsFactor: 3,
  rows: [
    {
      name: "encode",
      what: "encode tiny ÷ `JSON.stringify`",
      unit: "ns",
      yardstick: "JSON.stringify",
      figure: "ratio",
      direction: "at most",
      bar: 0.7,
      aim: 0.3
    },
    {
      name: "decode",
      what: "decode tiny ÷ `JSON.parse`",
      unit: "ns",
      yardstick: "JSON.parse",
      figure: "ratio",
      direction: "at most",
      bar: 1.5,
      aim: 0.8
    }
  ],
  open: async () => {
    for (const operation of [encode, stringify, decode, parse]) nanosPerCall(operation, 30)
    return {
      round: async () => {
        const yardstick = nanosPerCall(stringify)
        const encoded = { ours: nanosPerCall(encode), yardstick }
        const parsed = nanosPerCall(parse)
        return { encode: encoded, decode: { ours: nanosPerCall(decode), yardstick: parsed } }
      },
      close: async () => {}
    }
  }
}
