/**
 * Payloads with bytes changed. What can still be read whole must be judged as jq judges it; over all others no filter may
 * throw or run on.
 */
import * as fc from "effect/FastCheck"
import type { StoredMessage } from "../../src/EncodedPool.js"
import { envelopeText } from "../../src/internal/envelope.js"
import { makeEvaluator } from "../../src/internal/filter/fastFilter.js"
import { isPoolError } from "../../src/PoolError.js"
import { compareAll, emptyTally, filtersOf, messagesOf } from "./compareWithJq.js"

const change = fc.record({ at: fc.nat(2_000), flip: fc.integer({ min: 1, max: 255 }), cut: fc.nat(40) })
const damage = fc.array(change, { minLength: 1, maxLength: 3 })
const messagesPerRound = 60

const damaged = (message: StoredMessage, changes: ReadonlyArray<{ at: number; flip: number; cut: number }>) => {
  const payload = message.payload.slice()
  for (const { at, flip } of changes) payload[at % payload.length]! ^= flip
  return { ...message, payload: changes[0]?.cut === 0 ? payload.slice(0, changes[0].at % payload.length) : payload }
}

export const canBeRead = (message: StoredMessage): boolean => {
  try {
    envelopeText(message)
    return true
  } catch (error) {
    if (isPoolError(error)) return false
    throw error
  }
}

/** The damaged messages of a round are decided by its seed. */
export const damagedOf = (seed: number): ReadonlyArray<StoredMessage> => {
  const changes = fc.sample(damage, { seed, numRuns: messagesPerRound })
  return messagesOf(seed, messagesPerRound).map((message, index) => damaged(message, changes[index]!))
}

export const compareDamaged = async (seed: number, rounds: number) => {
  const tally = emptyTally()
  let readable = 0
  let unreadable = 0
  for (let round = seed; round < seed + rounds; round++) {
    const texts = [...filtersOf(round).slice(0, 20), '.data.a == "a"', ".data.level > 1", '.data | has("b")', ".data"]
    const messages = damagedOf(round)
    const sound = messages.filter(canBeRead)
    for (const evaluate of texts.map(makeEvaluator)) for (const message of messages) evaluate?.(message)
    readable += sound.length
    unreadable += messages.length - sound.length
    if (sound.length > 0) await compareAll(texts, sound, tally)
  }
  return { tally, readable, unreadable }
}
