// The commands with a server, as a part of the program of its own: whoever works on files does not load a client.
import * as Effect from "effect/Effect"
import type { CommandEnd } from "../CommandEnd.js"
import { runToExit } from "../ending.js"
import type { OutputClosed, ProcessIo } from "../ProcessIo.js"
import type { QuickCall } from "../quickCall.js"
import { get, peek, poke, poolForget, poolInfo, poolList } from "./commands.js"

const commandOf = (call: QuickCall): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> => {
  switch (call.handler) {
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
    default:
      return Effect.dieMessage(`${call.handler} is not about a server`)
  }
}

export const run = (call: QuickCall, argv: ReadonlyArray<string>): void =>
  runToExit(Effect.as(commandOf(call), 0), argv)
