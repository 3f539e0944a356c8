// How a command comes to its pool: a file of this machine, or a server. The commands are written once, for both; what
// differs between the two is what stands here.
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { MessageFilter } from "../src/MessageFilter.js"
import type { Pool } from "../src/Pool.js"
import type { PoolError } from "../src/PoolError.js"
import type { OpenOptions } from "../src/Pools.js"
import type { ClientArguments, GlobalArguments } from "./arguments.js"
import { parsePoolTarget, type PoolTarget } from "./poolTarget.js"
import type { ProcessIo } from "./ProcessIo.js"

/** What a command was told about its pool. Not every command has all of it. */
export interface PoolArguments extends GlobalArguments, ClientArguments {
  readonly pool: string
  readonly create?: boolean
  readonly since?: string | undefined
  readonly replay?: string | undefined
  readonly noNotify?: boolean
  readonly quietDrops?: boolean
  readonly reconnect?: boolean
}

/** Advice for a pool that a command wanted to read or write. */
export interface MissingAdvice {
  /** The whole call with `--create` in it, when repeating it would do the right thing. */
  readonly repeatable: boolean
  /** The command has a `--create` option. */
  readonly canCreate: boolean
}

/** Nothing is wrong with the call, and nothing has been touched. */
export interface PreparedPool {
  readonly open: (advice: MissingAdvice, options?: OpenOptions) => Effect.Effect<Pool, PoolError, Scope.Scope>
  /** For a command that only appends: a server may refuse to tell whether the pool is there, and still take messages. */
  readonly openForAppends: PreparedPool["open"]
  /** How much may be put into one append now; at least one message always. */
  readonly appendLimit: () => { readonly messages: number; readonly bytes: number }
  /** While the command waits for its input, there is something else to watch: connections that end. */
  readonly watchesWhileReading: boolean
}

/** Refuses what cannot be asked of such a pool, in the promised order. */
export type PoolAccess = (
  args: PoolArguments,
  target: PoolTarget
) => Effect.Effect<PreparedPool, PoolError, MessageFilter | ProcessIo | Scope.Scope>

/** The pool of a command that neither makes one nor would do right to be repeated with `--create`. */
export const openExisting = (
  args: PoolArguments,
  access: PoolAccess
): Effect.Effect<Pool, PoolError, MessageFilter | ProcessIo | Scope.Scope> =>
  Effect.flatMap(parsePoolTarget(args.pool), (target) =>
    Effect.flatMap(access(args, target), ({ open }) => open({ canCreate: false, repeatable: false }))
  )
