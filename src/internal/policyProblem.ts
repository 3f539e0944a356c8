/**
 * What becomes of gaps, damage and mismatches is one of two words, or a function. The types say so; but a word that is
 * misspelled in a program without types would pass for the other one, or fail where it is needed for the first time.
 */
import * as Effect from "effect/Effect"
import { PoolError } from "../PoolError.js"

/** Succeeds when each is one of its words, a function, or not there. Fails with `Usage`. */
export const checkPolicies = (options: {
  readonly onGap?: unknown
  readonly onDamage?: unknown
}): Effect.Effect<void, PoolError> =>
  Effect.suspend(() => {
    const problem =
      policyProblem("onGap", options.onGap, "continue", "fail") ??
      policyProblem("onDamage", options.onDamage, "fail", "skip")
    return problem === undefined ? Effect.void : Effect.fail(problem)
  })

export const policyProblem = (
  member: string,
  value: unknown,
  ...words: readonly [string, string]
): PoolError | undefined => {
  if (value === undefined || typeof value === "function") return undefined
  if (typeof value === "string" && words.includes(value)) return undefined
  return new PoolError({
    reason: "Usage",
    message: `${member} cannot be ${typeof value === "string" ? JSON.stringify(value) : String(value)}`,
    hint: `It is "${words[0]}", "${words[1]}" or a function.`
  })
}
