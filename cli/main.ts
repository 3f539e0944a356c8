// The whole program but the server: every other command, help, completion, and what to say about a mistake. The launcher
// loads it for what the quick part does not answer.
import * as Effect from "effect/Effect"
import type { CommandEnd } from "./CommandEnd.js"
import { doctor } from "./commands/doctor.js"
import { get } from "./commands/get.js"
import { peek } from "./commands/peek.js"
import { poke } from "./commands/poke.js"
import { poolCreate, poolDelete, poolForget, poolInfo, poolList } from "./commands/pool.js"
import { version } from "./commands/version.js"
import type { OutputClosed, ProcessIo } from "./ProcessIo.js"
import { elsewhere, makeMain, type ProgramHandlers } from "./program.js"
import type { QuickCall } from "./quickCall.js"
import { isRemoteCall } from "./remoteReference.js"

/** Runs a call that is about a server, to the end of the process. */
type RunRemote = (call: QuickCall) => void

type Command<E extends CommandEnd> = Effect.Effect<void, E | OutputClosed, ProcessIo>

/** Hands over what another part of the program does; few calls about servers come this way, and none of them comes back. */
const orRemote =
  (runRemote: RunRemote) =>
  <E extends CommandEnd>(call: QuickCall, local: Command<E>): Command<E> =>
    isRemoteCall(call) ? Effect.async<never>(() => runRemote(call)) : local

const makeHandlers = (runRemote: RunRemote): ProgramHandlers => {
  const either = orRemote(runRemote)
  return {
    poke: (args) => either({ handler: "poke", arguments: args }, poke(args)),
    peek: (args) => either({ handler: "peek", arguments: args }, peek(args)),
    get: (args) => either({ handler: "get", arguments: args }, get(args)),
    poolList: (args) => either({ handler: "poolList", arguments: args }, poolList(args)),
    poolInfo: (args) => either({ handler: "poolInfo", arguments: args }, poolInfo(args)),
    poolForget: (args) => either({ handler: "poolForget", arguments: args }, poolForget(args)),
    poolCreate,
    poolDelete,
    doctor,
    version,
    serve: elsewhere,
    serveInit: elsewhere,
    serveCheck: elsewhere
  }
}

export const main = (programName: "pls" | "plasmite", argv: ReadonlyArray<string>, runRemote: RunRemote): void =>
  makeMain(makeHandlers(runRemote))(programName, argv)
