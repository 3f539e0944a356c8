/**
 * One bit of a sound pool flipped: what readers, the full check and the next writers make of it. A message that is
 * delivered must be the one that was written; where something is lost, the check must say so; and appending must not
 * take more than it would have anyway, unless the check had named the damage.
 */
import type { StoredFrame } from "../../src/internal/ring/cursor.js"
import { payloadProblem } from "../../src/internal/payloadProblem.js"
import type { Ring } from "../../src/internal/ring/Ring.js"
import { insist } from "./chance.js"
import { appendAndReadBack, openRing, readEnds, readRing, readThrough, startsWith, verify } from "./examine.js"
import { regionsOf } from "./regions.js"
import type { Sample } from "./samples.js"
import { documentOf, ourTimestampHigh, ourTimestampLow } from "./samples.js"

/**
 * - `refused`: nobody can open the pool.
 * - `named`: the check reports damage.
 * - `warned`: the check has a remark, and every message can be read.
 * - `silent`: nobody notices, and every message can be read.
 */
export type Noticed = "refused" | "named" | "warned" | "silent"

export interface FlipOutcome {
  readonly region: string
  readonly noticed: Noticed
  /** Messages that were there and are not delivered any more. */
  readonly lost: number
  /** Messages delivered with other bytes than were written, that also still decode. Upstream's alone. */
  readonly wrongPayloads: number
  /** Delivered with other bytes, but no document any more: whoever decodes them is told. */
  readonly undecodable: number
  readonly wrongTimes: number
  /** Messages that three appends took besides those that they take from the sound pool. */
  readonly takenBesides: number
}

const appended = [documentOf(1_000_001, 40), documentOf(1_000_002, 300), documentOf(1_000_003, 0)]

export class FlipLab {
  readonly regions: ReadonlyArray<string>
  /** The messages of the sound pool, and those that it still holds after three appends. */
  private readonly live: ReadonlyArray<number>
  private readonly oldestAfterAppends: number

  constructor(readonly sample: Sample) {
    const { file } = sample
    this.regions = regionsOf(file)
    file.restore()
    this.live = readThrough(file).frames.map(({ seq }) => seq)
    appendAndReadBack(openRing(file)!, appended)
    this.oldestAfterAppends = readThrough(file).frames[0]!.seq
    file.restore()
  }

  get bits(): number {
    return this.sample.file.byteLength * 8
  }

  flip(bit: number): FlipOutcome {
    const { file } = this.sample
    const byte = bit >>> 3
    file.bytes[byte]! ^= 1 << (bit & 7)
    try {
      return this.outcome(this.regions[byte]!)
    } finally {
      file.restore()
      file.bytes[byte]! ^= 1 << (bit & 7)
    }
  }

  private outcome(region: string): FlipOutcome {
    const { file } = this.sample
    const ring = openRing(file)
    if (ring === undefined) {
      const none = { wrongPayloads: 0, undecodable: 0, wrongTimes: 0, takenBesides: 0 }
      return { region, noticed: "refused", lost: this.live.length, ...none }
    }
    const reading = readRing(ring, 7)
    insist(!reading.refused, "a pool that could be opened was refused while reading")
    const verdict = verify(ring)
    if (verdict === undefined) throw new Error("A pool that could be opened is refused by the check.")
    const problems = this.judge([...reading.frames, ...readEnds(ring)])
    const before = new Set(reading.frames.map(({ seq }) => seq))
    const lost = this.live.filter((seq) => !before.has(seq)).length
    const isNamed = verdict.issues.length > 0
    if (lost > 0) {
      insist(reading.reports > 0 || lost === this.lostAtTheEnds(before), `${lost} messages vanished from the middle`)
      insist(isNamed, `${lost} messages are lost, but the check finds nothing`)
    }
    const takenBesides = this.append(openRing(file)!, before, isNamed)
    const noticed = isNamed ? "named" : verdict.hints.length > 0 ? "warned" : "silent"
    return { region, noticed, lost, ...problems, takenBesides }
  }

  /** Numbers that the header, not a gap, says are not there. */
  private lostAtTheEnds(before: ReadonlySet<number>): number {
    const { live } = this
    const delivered = live.filter((seq) => before.has(seq))
    if (delivered.length === 0) return live.length
    return live.filter((seq) => seq < delivered[0]! || seq > delivered.at(-1)!).length
  }

  private append(ring: Ring, before: ReadonlySet<number>, isNamed: boolean): number {
    const seqs = appendAndReadBack(ring, appended)
    insist(seqs !== undefined, "a pool that could be opened refuses appends")
    const after = readRing(ring, 1000)
    insist(!after.refused, "an append made a pool unusable")
    const again = new Map(seqs!.map((seq, index) => [seq, appended[index]!]))
    for (const { payload, seq } of after.frames) {
      const written = again.get(seq)
      insist(written === undefined || startsWith(payload, written), `message ${seq} is not what was appended`)
    }
    const left = new Set(after.frames.map(({ seq }) => seq))
    let taken = 0
    for (const seq of before) if (seq >= this.oldestAfterAppends && !left.has(seq)) taken++
    insist(taken === 0 || isNamed, `an append took ${taken} messages of a pool in which the check finds nothing`)
    insist(
      seqs!.every((seq) => left.has(seq)),
      "what was appended is not read"
    )
    return taken
  }

  private judge(frames: ReadonlyArray<StoredFrame>) {
    const { author, messages } = this.sample
    const wrong = new Map<number, boolean>()
    const wrongTimes = new Set<number>()
    for (const { payload, seq, timestampHigh, timestampLow } of frames) {
      const written = messages.get(seq)
      insist(written !== undefined, `message ${seq} was invented`)
      if (!startsWith(payload, written!)) wrong.set(seq, payloadProblem(payload) === undefined)
      const [low, high] = author === "ours" ? [ourTimestampLow, ourTimestampHigh] : [seq * 1000, 0]
      if (timestampLow !== low || timestampHigh !== high) wrongTimes.add(seq)
    }
    const wrongPayloads = [...wrong.values()].filter((decodes) => decodes).length
    insist(author === "upstream" || wrong.size === 0, `message ${[...wrong.keys()].join()} was delivered wrong`)
    insist(author === "upstream" || wrongTimes.size === 0, `message ${[...wrongTimes].join()} has another time`)
    return { wrongPayloads, undecodable: wrong.size - wrongPayloads, wrongTimes: wrongTimes.size }
  }
}

/** What became of the flips in one region, added up. */
export interface RegionTally {
  flips: number
  refused: number
  named: number
  warned: number
  silent: number
  lost: number
  wrongPayloads: number
  undecodable: number
  wrongTimes: number
  takenBesides: number
}

export const tallyOf = (outcomes: Iterable<FlipOutcome>): Map<string, RegionTally> => {
  const tallies = new Map<string, RegionTally>()
  for (const { lost, noticed, region, takenBesides, undecodable, wrongPayloads, wrongTimes } of outcomes) {
    const tally = tallies.get(region) ?? emptyTally()
    tallies.set(region, tally)
    tally.flips++
    tally[noticed]++
    // Of a pool that cannot be opened nothing is lost that a copy of its header would not bring back.
    if (noticed !== "refused") tally.lost += lost
    tally.wrongPayloads += wrongPayloads
    tally.undecodable += undecodable
    tally.wrongTimes += wrongTimes
    tally.takenBesides += takenBesides
  }
  return tallies
}

const emptyTally = (): RegionTally => ({
  flips: 0,
  refused: 0,
  named: 0,
  warned: 0,
  silent: 0,
  lost: 0,
  wrongPayloads: 0,
  undecodable: 0,
  wrongTimes: 0,
  takenBesides: 0
})

export const tallyTable = (tallies: ReadonlyMap<string, RegionTally>): string => {
  const columns = Object.keys(emptyTally()) as Array<keyof RegionTally>
  const lines = [["region", ...columns]]
  for (const [region, tally] of [...tallies].sort(([one], [other]) => (one < other ? -1 : 1)))
    lines.push([region, ...columns.map((column) => String(tally[column]))])
  return lines
    .map(([region, ...cells]) => region!.padEnd(32) + cells.map((cell) => cell.padStart(14)).join(""))
    .join("\n")
}
