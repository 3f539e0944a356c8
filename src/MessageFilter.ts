/**
 * Text of a filter → which messages pass. The language is jq's; the engine is a layer. A filter sees the message
 * as one JSON object `{seq, time, meta: {tags}, data}` and must answer `true` or `false`. It is given messages as they
 * are stored, so that it can decide without reading them whole.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StoredMessage } from "./EncodedPool.js"
import type { PoolError } from "./PoolError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CompiledFilter {
  /**
   * For each message whether every expression holds, in the same order. No output is `false`, several outputs are true
   * if one is, a run-time error and a message that takes too long are `false`. Two things end the answer early: an
   * expression that yields something other than a boolean, and a message that cannot be read. Only the parts of a
   * message that decide have to be sound; damage elsewhere is left to whoever reads the message.
   */
  readonly matches: (messages: ReadonlyArray<StoredMessage>) => Effect.Effect<FilterAnswer>
}

/**
 * The answers for a batch: one for each message, or fewer when the next one ended it.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilterAnswer {
  readonly passed: ReadonlyArray<boolean>
  /** `Usage`: an expression yielded no boolean over the next message. `Internal`: the engine does not run. */
  readonly error?: PoolError
  /** `Corrupt`: the next message is damaged. The messages behind it are not judged. Never together with `error`. */
  readonly damage?: PoolError
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
