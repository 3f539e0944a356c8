// The commands that reach a server: the same as with files, but for where the pools are.
import * as Effect from "effect/Effect"
import * as RemotePools from "../../http/RemotePools.js"
import * as JqMessageFilter from "../../layers/JqMessageFilter.js"
import type { MessageFilter } from "../../src/MessageFilter.js"
import type * as Arguments from "../arguments.js"
import type { CommandEnd } from "../CommandEnd.js"
import { getThrough } from "../commands/get.js"
import { peekThrough } from "../commands/peek.js"
import { pokeThrough } from "../commands/poke.js"
import { poolForgetThrough, poolInfoThrough, reportList } from "../commands/pool.js"
import { placesOf } from "../places.js"
import type { OutputClosed, ProcessIo } from "../ProcessIo.js"
import { remoteOptions, warnOfTrust } from "./clientOptions.js"
import { remoteAccess } from "./remoteAccess.js"

type Command<E = CommandEnd | OutputClosed> = Effect.Effect<void, E, ProcessIo>

const filtering = <E, R>(
  command: Effect.Effect<void, E, R | MessageFilter>
): Effect.Effect<void, E, Exclude<R, MessageFilter>> => Effect.provide(command, JqMessageFilter.layer)

export const poke = (args: Arguments.PokeArguments): Command<CommandEnd> => filtering(pokeThrough(args, remoteAccess))

export const peek = (args: Arguments.PeekArguments): Command => filtering(peekThrough(args, remoteAccess))

export const get = (args: Arguments.GetArguments): Command => filtering(getThrough(args, remoteAccess))

export const poolInfo = (args: Arguments.PoolInfoArguments): Command => filtering(poolInfoThrough(args, remoteAccess))

export const poolForget = (args: Arguments.PoolForgetArguments): Command =>
  filtering(poolForgetThrough(args, remoteAccess))

export const poolList = (args: Arguments.PoolListArguments): Command =>
  Effect.gen(function* () {
    const server = { url: args.server!, shown: args.server! }
    const options = yield* remoteOptions(args, server)
    yield* warnOfTrust(args, server)
    const pools = yield* RemotePools.make(options)
    const places = yield* placesOf(args)
    yield* reportList(args, yield* pools.list, { ...places, poolDirectory: new URL(options.url).origin })
  }).pipe(Effect.scoped, filtering)
