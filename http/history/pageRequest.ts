/**
 * Which page of a pool's messages a client asks for, read from the query.
 */
import type { ResolvedOptions } from "../ServerOptions.js"
import { usage } from "../server/wireError.js"
import { boundedNumber, filtersOf, tagsOf, timeOf, wholeNumber } from "../tail/queryParameters.js"

export interface PageRequest {
  readonly afterSeq: number | undefined
  readonly beforeSeq: number | undefined
  /** Nanoseconds since 1970, both included. */
  readonly since: bigint | undefined
  readonly until: bigint | undefined
  readonly limit: number
  readonly tags: ReadonlyArray<string>
  readonly where: ReadonlyArray<string>
}

/** Throws `Usage`, or a `Refusal`. */
export const parsePageRequest = (
  query: string,
  { serverWhere }: Pick<ResolvedOptions, "serverWhere">,
  nowMillis: number
): PageRequest => {
  const parameters = new URLSearchParams(query)
  const timeAt = (name: string): bigint | undefined => {
    const text = parameters.get(name)
    return text === null ? undefined : timeOf(text, nowMillis)
  }
  const since = timeAt("since")
  const until = timeAt("until")
  if (since !== undefined && until !== undefined && since > until) {
    throw usage("since is later than until", "No message can be both.")
  }
  return {
    afterSeq: wholeNumber(parameters, "after_seq"),
    beforeSeq: wholeNumber(parameters, "before_seq"),
    since,
    until,
    limit: boundedNumber(parameters, "limit", { least: 1, most: 1000, otherwise: 100 }),
    tags: tagsOf(parameters),
    where: filtersOf(parameters, serverWhere)
  }
}
