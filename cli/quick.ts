// The commands that are run all the time, and no more than they need: what is loaded here is paid for by every call.
import * as Effect from "effect/Effect"
import type { CommandEnd } from "./CommandEnd.js"
import { get } from "./commands/get.js"
import { peek } from "./commands/peek.js"
import { poke, pokeDone } from "./commands/poke.js"
import { poolForget, poolInfo, poolList } from "./commands/pool.js"
import { version, versionLine } from "./commands/version.js"
import { runToExit } from "./ending.js"
import type { Poked } from "./pokeNow.js"
import { type OutputClosed, ProcessIo } from "./ProcessIo.js"
import type { QuickCall } from "./quickCall.js"
import type { PokeArguments } from "./arguments.js"

/** The calls that this part answers. */
type Answered = Exclude<QuickCall, { readonly handler: "serve" }>

const commandOf = (call: Answered): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> => {
  switch (call.handler) {
    case "versionLine":
      return Effect.flatMap(ProcessIo, (io) => io.write(versionLine))
    case "poke":
      return poke(call.arguments)
    case "peek":
      return peek(call.arguments)
    case "get":
      return get(call.arguments)
    case "poolList":
      return poolList(call.arguments)
    case "poolInfo":
      return poolInfo(call.arguments)
    case "poolForget":
      return poolForget(call.arguments)
    case "version":
      return version(call.arguments)
  }
}

/** After `pokeNow`, when there is more to say than a receipt. */
export const runPokeDone = (args: PokeArguments, poked: Poked, argv: ReadonlyArray<string>): void =>
  runToExit(Effect.as(pokeDone(args, poked), 0), argv)

export const run = (call: Answered, argv: ReadonlyArray<string>): void => runToExit(Effect.as(commandOf(call), 0), argv)
