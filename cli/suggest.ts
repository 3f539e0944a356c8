/**
 * "Did you mean": the candidate nearest to a misspelt word, for hints. Nothing is ever corrected on the strength of
 * it, so a wild guess is worse than none: the nearest candidate must be near.
 */

/** Letters per tolerated slip; short words tolerate one. */
const lettersPerSlip = 3

/** The nearest candidate, the first of several; `undefined` when none is near. Case does not count. */
export const suggest = (word: string, candidates: ReadonlyArray<string>): string | undefined => {
  const folded = word.toLowerCase()
  let nearest: string | undefined
  let fewestSlips = Math.max(1, Math.floor(folded.length / lettersPerSlip)) + 1
  for (const candidate of candidates) {
    // A word that would have to be typed anew was not misspelt.
    if (candidate === word || Math.abs(candidate.length - folded.length) >= fewestSlips) continue
    const slips = slipsBetween(folded, candidate.toLowerCase())
    if (slips < fewestSlips && slips < candidate.length) {
      nearest = candidate
      fewestSlips = slips
    }
  }
  return nearest
}

/**
 * Damerau-Levenshtein distance, in the variant that edits no letter twice: letters left out, added, replaced, and
 * neighbours swapped.
 */
const slipsBetween = (typed: string, meant: string): number => {
  let beforePrevious: ReadonlyArray<number> = []
  let previous = Array.from({ length: meant.length + 1 }, (_, column) => column)
  for (let row = 1; row <= typed.length; row++) {
    const current = [row]
    for (let column = 1; column <= meant.length; column++) {
      const same = typed[row - 1] === meant[column - 1]
      let slips = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + (same ? 0 : 1))
      if (row > 1 && column > 1 && typed[row - 1] === meant[column - 2] && typed[row - 2] === meant[column - 1]) {
        slips = Math.min(slips, beforePrevious[column - 2]! + 1)
      }
      current.push(slips)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[meant.length]!
}
