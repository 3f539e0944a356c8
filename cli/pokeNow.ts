/**
 * `poke POOL DATA` when nothing is in its way: the pool is there and sound to open, its lock is free, no option asks for
 * more. Then all there is to do is plain synchronous code, and Effect need not be loaded. Whatever is otherwise is left to
 * `poke` itself, before anything was done; what happens from the append on is an outcome, and nothing is tried twice.
 */
import * as Either from "effect/Either"
import * as path from "node:path"
import { flockOperation, nativeIfAny } from "../layers/native.js"
import { PoolSemaphore } from "../layers/poolSemaphore.js"
import { PositionalFile } from "../layers/positionalFile.js"
import { defaultDirectory } from "../layers/NodePools.js"
import type { AppendedRange } from "../src/EncodedPool.js"
import { encodeText } from "../src/internal/lite3/encodeText.js"
import { payloadProblem } from "../src/internal/payloadProblem.js"
import { Ring } from "../src/internal/ring/Ring.js"
import { RingWriter } from "../src/internal/ring/RingWriter.js"
import { fromNanoseconds } from "../src/internal/wallClock.js"
import { toPath } from "../src/PoolRef.js"
import type { PokeArguments } from "./arguments.js"
import { parsePoolTarget } from "./poolTarget.js"
import { receipts } from "./receipts.js"
import { isTerminal, writeFully } from "./standardStreams.js"

/** The append came to an end, and somebody has to be told. */
export type Poked =
  | { readonly path: string; readonly payload: Uint8Array; readonly range: AppendedRange }
  /** A `PoolError`, or something that should not happen. */
  | { readonly failure: unknown }

/** `undefined`: nothing was done. */
export const pokeNow = (args: PokeArguments): Poked | "acknowledged" | undefined => {
  const file = fileOf(args)
  const poked = file === undefined ? undefined : append(args, file)
  if (poked === undefined || "failure" in poked) return poked
  new PoolSemaphore(poked.path).post()
  if (poked.range.repaired !== undefined || isTerminal(1)) return poked
  if (!args.quiet) {
    const text = receipts(args, false, [poked.payload], poked.range)
    try {
      writeFully(1, text)
    } catch {
      return poked
    }
  }
  return "acknowledged"
}

/** The file of a pool on this machine, for a call that asks for an append and nothing else. */
const fileOf = (args: PokeArguments): string | undefined => {
  const asksForMore =
    args.durability !== "fast" ||
    args.key !== undefined ||
    args.keyFrom !== undefined ||
    args.retry !== 0 ||
    args.retryDelay !== undefined ||
    args.createSize !== undefined ||
    args.token !== undefined ||
    args.tokenFile !== undefined ||
    args.tlsCa !== undefined ||
    args.tlsSkipVerify ||
    args.tlsFingerprint !== undefined
  const target = Either.getOrUndefined(parsePoolTarget(args.pool))
  if (asksForMore || target === undefined || target._tag === "Remote") return undefined
  if (target.isPath) return path.resolve(target.text)
  return Either.getOrUndefined(toPath(target.text, path.resolve(args.dir ?? defaultDirectory())))
}

/** The clock counts nanoseconds from here, as Effect's does. */
const startNanoseconds = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()

/** How often a lock that somebody holds is asked for: it is mostly held for microseconds. */
const lockAttempts = 20

const append = (args: PokeArguments, poolPath: string): Poked | undefined => {
  let file: PositionalFile | undefined
  let begun = false
  try {
    const payload = encodeText(args.data!, args.tags)
    file = PositionalFile.open(poolPath)
    const writer = new RingWriter(Ring.open(file, { payloadProblem }))
    if (!file.writable || !lock(file.fileDescriptor) || !file.isCurrent()) return undefined
    const { high, low } = fromNanoseconds(startNanoseconds + process.hrtime.bigint())
    begun = true
    const { firstSeq, repaired } = writer.appendAll([payload], low, high, undefined)
    const range = { firstSeq, count: 1, timestampLow: low, timestampHigh: high }
    return {
      path: poolPath,
      payload,
      range: repaired === undefined ? range : { ...range, repaired: repaired.message }
    }
  } catch (failure) {
    return begun ? { failure } : undefined
  } finally {
    // Frees the lock.
    file?.close()
  }
}

const lock = (fileDescriptor: number): boolean => {
  const native = nativeIfAny()
  if (native === undefined) return false
  for (let attempt = 0; attempt < lockAttempts; attempt++) {
    const errno = native.flock(fileDescriptor, flockOperation.exclusive)
    if (errno === 0) return true
    if (errno !== native.wouldBlock && errno !== native.interrupted) return false
  }
  return false
}
