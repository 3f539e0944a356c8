/**
 * A systematic part of what `npm run fuzz -- --bits` does whole: every bit of the header that means something, of every
 * frame header, marker and index slot, and every 101st of the rest.
 */
import { assert, describe, it } from "@effect/vitest"
import type { FlipOutcome, RegionTally } from "./flips.js"
import { FlipLab, tallyOf } from "./flips.js"
import type { Author } from "./samples.js"
import { makeSample } from "./samples.js"

const meaningful = /^(frame: (?!payload$|filler)|wrap marker|group|header: (?!reserved))/

const flipAll = (author: Author): ReadonlyMap<string, RegionTally> => {
  const lab = new FlipLab(
    makeSample({ author, fileSize: 10240, indexCapacity: 16, seed: 3, textBytes: 1200, laps: 2.6 })
  )
  const outcomes: Array<FlipOutcome> = []
  for (let bit = 0; bit < lab.bits; bit++)
    if (bit % 101 === 0 || meaningful.test(lab.regions[bit >>> 3]!)) outcomes.push(lab.flip(bit))
  return tallyOf(outcomes)
}

/** Regions of which at least one flip came to this. */
const regionsWith = (tallies: ReadonlyMap<string, RegionTally>, column: keyof RegionTally): Array<string> =>
  [...tallies]
    .filter(([, tally]) => tally[column] > 0)
    .map(([region]) => region)
    .sort()

// What nobody reads, what only saves work, and, in a marker, what says nothing.
const silent = [
  "frame: checksum tag",
  "frame: filler",
  "frame: reserved",
  "header: extension",
  "header: flags",
  "header: reserved",
  "index: other slot",
  "ring: free or dead space",
  "wrap marker: flags",
  "wrap marker: number",
  "wrap marker: reserved",
  "wrap marker: time"
]

describe("one flipped bit", () => {
  it("of a pool of ours never changes a message, and is named wherever it matters", () => {
    const tallies = flipAll("ours")
    assert.deepStrictEqual(regionsWith(tallies, "silent"), silent)
    assert.deepStrictEqual(regionsWith(tallies, "warned"), ["index: slot of a message"])
    assert.deepStrictEqual(regionsWith(tallies, "wrongPayloads"), [])
    assert.deepStrictEqual(regionsWith(tallies, "wrongTimes"), [])
    assert.isAbove(tallies.get("frame: payload")!.named, 50)
  })

  it("of a pool of upstream's changes a message only if it lies in its payload or its time", () => {
    const tallies = flipAll("upstream")
    // Without a checksum nothing covers flags, times and most of a payload; reserved bytes include the checksum fields.
    const uncovered = [
      "frame: flags",
      "frame: header checksum",
      "frame: payload",
      "frame: payload checksum",
      "frame: time"
    ]
    const expected = [...silent, ...uncovered].filter((region) => region !== "header: extension")
    assert.deepStrictEqual(
      regionsWith(tallies, "silent").filter((region) => region !== "header: extension"),
      expected.sort()
    )
    assert.deepStrictEqual(regionsWith(tallies, "warned"), ["index: slot of a message"])
    assert.deepStrictEqual(regionsWith(tallies, "wrongPayloads"), ["frame: payload"])
    assert.deepStrictEqual(regionsWith(tallies, "wrongTimes"), ["frame: time"])
  })
})
