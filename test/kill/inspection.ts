/**
 * A pool as a fresh handle finds it: verified, read from end to end with each message proved, appended to.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as NodePools from "../../layers/NodePools.js"
import type { DurabilityMode } from "../../src/Durability.js"
import type { Pool } from "../../src/Pool.js"
import type { PoolError } from "../../src/PoolError.js"
import { Pools } from "../../src/Pools.js"
import type { Content } from "./ledger.js"
import { type Mixture, type Origin, originOf, payloadOf } from "./messages.js"
import type { Violation } from "./tally.js"

/** How a pool is used. */
export interface PoolUse {
  readonly storage: "mapped" | "file"
  readonly durability: DurabilityMode
  readonly mixture: Mixture
  readonly lockTimeoutMillis?: number
}

/** Runs it with pools of the machine. */
export const withPools = <A, E>(use: PoolUse, program: Effect.Effect<A, E, Pools>): Promise<A> => {
  const { lockTimeoutMillis = 10_000, storage } = use
  return Effect.runPromise(Effect.provide(program, NodePools.layer({ storage, lockTimeoutMillis })))
}

const withPool = <A, E>(use: PoolUse, path: string, program: (pool: Pool) => Effect.Effect<A, E>): Promise<A> =>
  withPools(
    use,
    Effect.scoped(
      Effect.flatMap(
        Effect.flatMap(Pools, (pools) => pools.open({ path })),
        program
      )
    )
  )

export const createPool = (use: PoolUse, path: string, sizeBytes: number): Promise<void> =>
  withPools(use, Effect.asVoid(Effect.flatMap(Pools, (pools) => pools.create({ path }, { sizeBytes }))))

/** The number it got. */
export const appendOne = (use: PoolUse, path: string, origin: Origin): Promise<number> =>
  withPool(use, path, (pool) =>
    Effect.map(pool.encoded.append([payloadOf(use.mixture, origin)], use.durability), ({ firstSeq }) => firstSeq)
  )

/** One after the other, until one is refused; the numbers they got. */
export const appendEach = (
  use: PoolUse,
  path: string,
  origins: ReadonlyArray<Origin>
): Promise<{ readonly seqs: ReadonlyArray<number>; readonly refusal: PoolError | undefined }> =>
  withPool(use, path, (pool) =>
    Effect.gen(function* () {
      const seqs: Array<number> = []
      for (const origin of origins) {
        const answer = yield* Effect.either(pool.encoded.append([payloadOf(use.mixture, origin)], use.durability))
        if (Either.isLeft(answer)) return { seqs, refusal: answer.left }
        seqs.push(answer.right.firstSeq)
      }
      return { seqs, refusal: undefined }
    })
  )

/** How an append fails that must not succeed. */
export const appendFailure = (use: PoolUse, path: string, origin: Origin): Promise<PoolError> =>
  withPool(use, path, (pool) => Effect.flip(pool.encoded.append([payloadOf(use.mixture, origin)], use.durability)))

export const verificationOf = (use: PoolUse, path: string) =>
  withPools(
    use,
    Effect.flatMap(Pools, (pools) => pools.verify({ path }))
  )

/** All that can be read, and whatever is wrong with it. */
export const readAll = (
  use: PoolUse,
  path: string
): Promise<{ readonly content: Content; readonly violations: ReadonlyArray<Violation> }> =>
  withPool(use, path, (pool) =>
    Effect.gen(function* () {
      const { bounds, ringSize } = yield* pool.info
      const messages: Array<Content["messages"][number]> = []
      const violations: Array<Violation> = []
      yield* Stream.runForEach(pool.encoded.tail({ from: "oldest", follow: false }), (batch) =>
        Effect.sync(() => {
          const { damage, gap } = batch
          if (gap !== undefined) violations.push({ kind: "lost", detail: `a gap from ${gap.expected} to ${gap.found}` })
          if (damage !== undefined) violations.push({ kind: "lost", detail: damage.message })
          for (const { payload, seq } of batch.messages) {
            const origin = originOf(use.mixture, payload)
            if (origin === undefined) violations.push({ kind: "torn", detail: `message ${seq}` })
            else messages.push({ seq, ...origin })
          }
        })
      )
      return { content: { messages, newest: bounds.newest, ringBytes: ringSize }, violations }
    })
  )

/** Verified and read, at rest. */
export const inspect = async (use: PoolUse, path: string): ReturnType<typeof readAll> => {
  const { hints, issues, status } = await verificationOf(use, path)
  const { content, violations } = await readAll(use, path)
  if (status === "ok") return { content, violations }
  const detail = `${issues.map(({ message }) => message).join("; ")} (${hints.join(" ")})`
  return { content, violations: [{ kind: "unsound", detail }, ...violations] }
}
