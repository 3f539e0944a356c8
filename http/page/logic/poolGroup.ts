/**
 * Which pools are opened together, and how each is told from the others: a name that fits on a row, a colour that the same
 * name always has, never the colour alone.
 */
import { tagHue } from "./summary.js"
import type { ViewState } from "./viewState.js"

/**
 * A browser allows six connections to a server. One is for the numbers of all pools, one for requests; each open pool
 * takes one of the others.
 */
export const mostTogether = 4

export interface PoolGroup {
  /** The pool of the address first, each once, at most `mostTogether`. */
  readonly pools: ReadonlyArray<string>
  /** What the address names besides. */
  readonly leftOut: ReadonlyArray<string>
}

/** Undefined when the address names one pool only, or none. */
export const groupOf = ({ others, pool }: Pick<ViewState, "others" | "pool">): PoolGroup | undefined => {
  if (pool === undefined) return undefined
  const named = [...new Set([pool, ...others])]
  return named.length < 2 ? undefined : { pools: named.slice(0, mostTogether), leftOut: named.slice(mostTogether) }
}

/** The part of a view that opens these pools together; of one, it is that pool alone. */
export const viewOfPools = (pools: ReadonlyArray<string>): Pick<ViewState, "others" | "pool"> => ({
  pool: pools[0],
  others: pools.slice(1)
})

export interface PoolMark {
  /** Its place among the pools that are open, from 0. */
  readonly index: number
  readonly name: string
  /** Short enough for a row, and another than those of the other pools. */
  readonly short: string
  readonly hue: number
}

const longestShort = 18

export const poolMarks = (names: ReadonlyArray<string>): ReadonlyArray<PoolMark> => {
  const shorts = names.map((name) => shortened(Array.from(name)))
  return names.map((name, index) => ({
    index,
    name,
    // Names that differ only in what was left out are told apart by their place.
    short:
      shorts.filter((short) => short === shorts[index]).length > 1 ? `${index + 1} ${shorts[index]}` : shorts[index]!,
    hue: tagHue(name)
  }))
}

/** What names have in common is mostly at the beginning, so both ends stay. */
const shortened = (characters: ReadonlyArray<string>): string =>
  characters.length <= longestShort
    ? characters.join("")
    : `${characters.slice(0, 6).join("")}…${characters.slice(-(longestShort - 7)).join("")}`
