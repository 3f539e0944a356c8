// `get` and `fetch`: one message by its number.
import * as Effect from "effect/Effect"
import type { MessageFilter } from "../../src/MessageFilter.js"
import { PoolError } from "../../src/PoolError.js"
import type { GetArguments } from "../arguments.js"
import { type CommandEnd, CommandFailure } from "../CommandEnd.js"
import { briefly, localAccess, withPools } from "../localPools.js"
import { openExisting, type PoolAccess } from "../PoolAccess.js"
import { jsonResult, presentation } from "../presentation.js"
import { messageTextOrDamage } from "../printMessages.js"
import { type OutputClosed, ProcessIo } from "../ProcessIo.js"

export const get = (args: GetArguments): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.flatMap(localAccess, (access) => getThrough(args, access)).pipe(withPools(args, briefly))

export const getThrough = (
  args: GetArguments,
  access: PoolAccess
): Effect.Effect<void, CommandEnd | OutputClosed, MessageFilter | ProcessIo> =>
  Effect.gen(function* () {
    const look = yield* presentation(args.color)
    const pool = yield* openExisting(args, access)
    const message = yield* Effect.catchIf(
      pool.encoded.get(args.seq),
      (error) => error.reason === "NotFound",
      () => new CommandFailure({ error: notRetained(args, pool.path), extras: { seq: typedSeq(args) } })
    )
    const text = messageTextOrDamage(message, args.dataOnly, pool.path)
    if (typeof text !== "string") return yield* text
    yield* (yield* ProcessIo).write(jsonResult(look, text))
  }).pipe(Effect.scoped)

/** Exactly as typed, also where no double has it. */
const typedSeq = ({ call }: GetArguments): bigint => BigInt(call.positionals[1]!)

const notRetained = (args: GetArguments, path: string): PoolError =>
  new PoolError({
    reason: "NotFound",
    message: `message ${typedSeq(args)} is not in pool ${args.pool}`,
    hint:
      `It was overwritten or never written. See what is retained with \`plasmite pool info ${args.pool}\`, ` +
      `or \`plasmite ${args.spelling === "get" ? "peek" : "follow"} ${args.pool} --tail 10\`.`,
    path
  })
