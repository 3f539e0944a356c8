/**
 * Parameters that several routes understand, read from the query: each once and strictly. All of these throw `Usage`, or a
 * `Refusal`.
 */
import { parseRfc3339Nanoseconds } from "../../src/internal/timestamp.js"
import { refuse, usage } from "../server/wireError.js"

const maxTags = 64
const maxFilters = 16
const maxFilterCharacters = 4096

/** A number of up to 64 bits; what lies beyond 2^53 is as good as 2^53. */
export const wholeNumber = (parameters: URLSearchParams, name: string): number | undefined => {
  const text = parameters.get(name)
  if (text === null) return undefined
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 2n ** 64n) {
    throw usage(`${name} is not a whole number: ${JSON.stringify(text)}`, `Give ${name} as digits.`)
  }
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}

/** The same between bounds. */
export const boundedNumber = (
  parameters: URLSearchParams,
  name: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number }
): number => {
  const value = wholeNumber(parameters, name) ?? otherwise
  if (value >= least && value <= most) return value
  throw usage(`${name} must be from ${least} to ${most}, not ${value}`, `Without ${name} it is ${otherwise}.`)
}

/** Without blanks around them, and none that is empty. */
export const tagsOf = (parameters: URLSearchParams): ReadonlyArray<string> => {
  const tags = parameters
    .getAll("tag")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "")
  if (tags.length > maxTags) throw usage(`more than ${maxTags} tags`, "A message must carry every tag given.")
  return tags
}

/** jq expressions, as far as this server runs any. Whether they compile, the pool will say. */
export const filtersOf = (parameters: URLSearchParams, serverWhere: boolean): ReadonlyArray<string> => {
  const where = parameters.getAll("where")
  if (where.length === 0) return where
  if (!serverWhere) throw usage("this server runs no filters", "Filter on your side, for example with `jq`.")
  if (where.length > maxFilters || where.some((filter) => filter.length > maxFilterCharacters)) {
    throw refuse(400, `more than ${maxFilters} filters, or one longer than ${maxFilterCharacters} characters`)
  }
  return where
}

const unitMillis: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Nanoseconds since 1970 of a time, or of so long ago. */
export const timeOf = (text: string, nowMillis: number): bigint => {
  const ago = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  if (ago !== null) return BigInt(nowMillis - Number(ago[1]) * unitMillis[ago[2]!]!) * 1_000_000n
  const time = parseRfc3339Nanoseconds(text)
  if (time === undefined) throw usage(`${JSON.stringify(text)} is no time`, "Write 5m, 2h or 2026-03-01T09:15:00Z.")
  return time
}
