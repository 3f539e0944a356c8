/** Messages as pools store them, from JSON text. */
import type { StoredMessage } from "../../src/EncodedPool.js"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { fromNanoseconds } from "../../src/internal/wallClock.js"

/** 2026-03-04T09:15:30.204518931Z */
const { high, low } = fromNanoseconds(1_772_615_730_204_518_931n)

export const stored = (data: string, tags: ReadonlyArray<string> = [], seq = 7): StoredMessage => ({
  seq,
  timestampLow: low,
  timestampHigh: high,
  payload: encodeText(data, tags)
})
