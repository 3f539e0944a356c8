/**
 * Text of a filter → which messages pass. The language is jq's; the engine is a layer. A filter sees the message
 * as one JSON object `{seq, time, meta: {tags}, data}` and must answer `true` or `false`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PoolError } from "./PoolError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CompiledFilter {
  /**
   * For each message, given as JSON text, whether every expression holds, in the same order. No output is `false`,
   * several outputs are true if one is, a run-time error and a message that takes too long are `false`. An
   * expression that yields something other than a boolean ends the answer early, with a `Usage` error.
   */
  readonly matches: (messages: ReadonlyArray<string>) => Effect.Effect<FilterAnswer>
}

/**
 * The answers for a batch: one for each message, or fewer when the expression failed at the next one.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilterAnswer {
  readonly passed: ReadonlyArray<boolean>
  readonly error?: PoolError
}

/**
 * @since 0.1.0
 * @category services
 */
export class MessageFilter extends Context.Tag("effect-plasmite/MessageFilter")<
  MessageFilter,
  {
    /** All expressions compile, or `Usage` with the expression and an example in the hint. */
    readonly compile: (expressions: ReadonlyArray<string>) => Effect.Effect<CompiledFilter, PoolError, Scope.Scope>
  }
>() {}
