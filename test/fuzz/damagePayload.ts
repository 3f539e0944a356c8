/**
 * Golden payloads damaged at random: every decoder reads them or calls them corrupt, all agree, and the work is
 * bounded by the length of the payload, counted in parts read.
 */
import { isDeepStrictEqual } from "node:util"
import { isPoolError } from "../../src/PoolError.js"
import { decodeTags } from "../../src/internal/lite3/decodeTags.js"
import { decodeText } from "../../src/internal/lite3/decodeText.js"
import { decodeValue } from "../../src/internal/lite3/decodeValue.js"
import { PayloadReader } from "../../src/internal/lite3/PayloadReader.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import { decodeVectors, encodeVectors, fromHex, invalidVectors } from "../lite3/vectors.js"
import type { Chance, Kind } from "./chance.js"
import { insist } from "./chance.js"

const originals = [...encodeVectors, ...decodeVectors, ...invalidVectors]
  .filter(({ payload_hex }) => payload_hex.length < 4000 && payload_hex.length > 0)
  .map(({ payload_hex }) => fromHex(payload_hex))

const damage = (chance: Chance): Uint8Array => {
  const payload = chance.pick(originals).slice()
  const view = new DataView(payload.buffer)
  for (let count = 1 + chance.below(4); count > 0; count--) {
    const at = chance.below(payload.length)
    const word = at & ~3
    switch (chance.below(7)) {
      case 0:
        payload[at]! ^= 1 << chance.below(8)
        break
      case 1:
        payload[at] = chance.below(chance.oneIn(2) ? 8 : 256)
        break
      case 2:
        if (word + 4 <= payload.length) view.setUint32(word, chance.below(payload.length + 8), true)
        break
      case 3:
        if (word + 4 <= payload.length) view.setUint32(word, chance.below(2 ** 32), true)
        break
      case 4: {
        const from = chance.below(payload.length) & ~3
        payload.copyWithin(word, from, from + (4 << chance.below(6)))
        break
      }
      case 5:
        if (word + 4 <= payload.length) view.setUint32(word, view.getUint32(word, true) + chance.below(9) - 4, true)
        break
      default:
        if (chance.oneIn(8)) return payload.subarray(0, at)
    }
  }
  return payload
}

const outcome = <A>(body: () => A): A | "corrupt" => {
  try {
    return body()
  } catch (error) {
    if (isPoolError(error) && error.reason === "Corrupt") return "corrupt"
    throw error
  }
}

let partsRead = 0

/** Counts the parts that decoders read, for as long as `body` runs. */
export const countingParts = (body: () => void): void => {
  const { prototype } = PayloadReader
  const { charge } = prototype
  prototype.charge = function (partBytes, position) {
    partsRead++
    charge.call(this, partBytes, position)
  }
  try {
    body()
  } finally {
    prototype.charge = charge
  }
}

export const examinePayload = (payload: Uint8Array): void =>
  countingParts(() => {
    partsRead = 0
    const value = outcome(() => decodeValue(payload))
    const valid = outcome(() => validatePayload(payload))
    const text = outcome(() => decodeText(payload))
    const tags = outcome(() => decodeTags(payload))
    insist(partsRead <= 4 * (payload.length + 1), `${partsRead} parts of ${payload.length} bytes were read`)
    insist((value === "corrupt") === (valid === "corrupt"), "the decoder and the validator disagree")
    if (text === "corrupt") return insist(value === "corrupt", "only values can be read, not text")
    insist(text.dataText.length <= 6 * payload.length, "the text is out of proportion")
    insist(isDeepStrictEqual(tags, text.tags), "the tags differ")
    if (value === "corrupt") return insist(text.dataText.startsWith("["), "only text can be read, not values")
    insist(isDeepStrictEqual(value.tags, text.tags), "the tags differ")
    insist(isDeepStrictEqual(JSON.parse(text.dataText), value.data), "text and value differ")
  })

export const payloadKind: Kind = { name: "payloads", weight: 25, run: (chance) => examinePayload(damage(chance)) }
