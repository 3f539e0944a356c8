// The pools of one call of the program: which directory, and what to say when a pool is not there.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as path from "node:path"
import * as JqMessageFilter from "../layers/JqMessageFilter.js"
import * as NodePools from "../layers/NodePools.js"
import type { MessageFilter } from "../src/MessageFilter.js"
import type { Pool } from "../src/Pool.js"
import { PoolError } from "../src/PoolError.js"
import type { OpenOptions } from "../src/Pools.js"
import { Pools } from "../src/Pools.js"
import type { GlobalArguments } from "./arguments.js"
import type { MissingAdvice, PoolAccess, PreparedPool } from "./PoolAccess.js"
import { bareName, requireLocal } from "./poolTarget.js"
import type { LocalTarget } from "./poolTarget.js"
import { refuseClientOptions } from "./refusals.js"
import { suggest } from "./suggest.js"
import { exactCommand } from "./typed.js"
import { commandName } from "./usageText.js"

/** The pool directory, absolute, so that every path printed can be used from anywhere. */
export const poolDirectory = (args: GlobalArguments): string => path.resolve(args.dir ?? NodePools.defaultDirectory())

/** For a command that looks at a few places of a pool: reading them costs less than getting ready to map the file. */
export const briefly: NodePools.NodePoolsOptions = { storage: "file" }

/** Runs with the pools of the call's directory, and with the filter engine that they use. */
export const withPools =
  (args: GlobalArguments, options: NodePools.NodePoolsOptions = {}) =>
  <A, E, R>(
    effect: Effect.Effect<A, E, R | Pools | MessageFilter>
  ): Effect.Effect<A, E, Exclude<R, Pools | MessageFilter>> =>
    Effect.provide(
      effect,
      Layer.merge(NodePools.layer({ directory: poolDirectory(args), ...options }), JqMessageFilter.layer)
    )

/** Paths are made absolute here, names are left to `Pools`. */
export const refOf = (target: LocalTarget) => (target.isPath ? { path: path.resolve(target.text) } : target.text)

/** So many messages at most go into one append. */
const mostMessages = 1024

/** Pools are files here. */
export const localAccess: Effect.Effect<PoolAccess, never, Pools> = Effect.map(
  Pools,
  (pools): PoolAccess =>
    (args, target) =>
      Effect.gen(function* () {
        const local = yield* requireLocal(target, args.call.words.join(" "))
        yield* refuseClientOptions(args, args.call.words)
        const open: PreparedPool["open"] = (advice, options) =>
          Effect.provideService(openPool(args, local, advice, options), Pools, pools)
        return {
          open,
          openForAppends: open,
          appendLimit: () => ({ messages: mostMessages, bytes: Number.POSITIVE_INFINITY }),
          watchesWhileReading: false
        }
      })
)

const openPool = (
  args: GlobalArguments,
  target: LocalTarget,
  advice: MissingAdvice,
  options?: OpenOptions
): Effect.Effect<Pool, PoolError, Pools | Scope.Scope> =>
  Effect.flatMap(Pools, (pools) =>
    Effect.catchIf(
      pools.open(refOf(target), options),
      (error) => error.reason === "NotFound",
      (error) =>
        options?.create === undefined || options.create === false
          ? Effect.flatMap(missingPool(args, target, advice, error), Effect.fail)
          : Effect.fail(noPlace(target, error))
    )
  )

/** The same failure with a hint that helps: the near miss, the command to paste, the way to create the pool. */
const missingPool = (
  args: GlobalArguments,
  target: LocalTarget,
  { canCreate, repeatable }: MissingAdvice,
  error: PoolError
): Effect.Effect<PoolError, never, Pools> =>
  Effect.map(nearMiss(target), (near) => {
    const command = commandName(args.call.words)
    const sentences: Array<string> = []
    if (near !== undefined) sentences.push(`Did you mean \`${near}\`?`)
    if (canCreate && !repeatable) {
      sentences.push(`Create the pool on the way with \`${command} ${target.text} --create\`.`)
    }
    sentences.push(
      target.isPath
        ? "This is a path, taken as it is: check it, or use a plain name with --dir."
        : `Create it with \`plasmite pool create ${bareName(target.text)}\`, or choose another directory with --dir.`
    )
    // Last, so that nothing follows what is to be pasted.
    if (canCreate && repeatable) {
      sentences.push(`To create it on the way, run this exact command: ${exactCommand(args.call, ["--create"])}`)
    }
    return new PoolError({
      reason: "NotFound",
      message: `pool ${target.text} not found`,
      hint: sentences.join(" "),
      ...(error.path === undefined ? {} : { path: error.path })
    })
  })

/** It was to be created, and there is no directory to create it in, nor can one be made. */
const noPlace = (target: LocalTarget, error: PoolError): PoolError =>
  new PoolError({
    ...error,
    message: `pool ${target.text} cannot be created: ${error.message}`,
    hint: "No directory can be made there: check the path, or choose another directory with --dir."
  })

const nearMiss = (target: LocalTarget): Effect.Effect<string | undefined, never, Pools> =>
  target.isPath
    ? Effect.succeed(undefined)
    : Effect.flatMap(Pools, (pools) =>
        Effect.match(pools.list, {
          onFailure: () => undefined,
          onSuccess: (listings) =>
            suggest(
              bareName(target.text),
              listings.map(({ name }) => name)
            )
        })
      )
