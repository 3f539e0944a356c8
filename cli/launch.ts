/**
 * What the shell runs: reads the command line, and loads the part of the program that can do what it says. The grammar
 * and the names are put in by the build; nothing here may need a package.
 */
import { join } from "node:path"
import { loadCached } from "./cachedModule.js"
import type { CommandGrammar } from "./grammar.js"
import type * as Main from "./main.js"
import type * as PokeNow from "./pokeNow.js"
import type * as Quick from "./quick.js"
import { type QuickCall, quickCall } from "./quickCall.js"
import type * as Remote from "./remote/part.js"
import { isRemoteCall } from "./remoteReference.js"
import type * as Serve from "./serve.js"

declare const PLASMITE_GRAMMAR: CommandGrammar
declare const PLASMITE_PROGRAM: "pls" | "plasmite"
/** Where the other parts are. */
declare const PLASMITE_DIRECTORY: string

const load = <Exports>(part: string, use: string, wasTypical?: () => boolean): Exports =>
  loadCached<Exports>(join(PLASMITE_DIRECTORY, `${part}.cjs`), use, wasTypical)

const launch = (call: QuickCall | undefined, argv: ReadonlyArray<string>): void => {
  const runRemote = (remote: QuickCall): void =>
    load<typeof Remote>("remote", `remote-${remote.handler}`).run(remote, argv)
  if (call === undefined) return load<typeof Main>("main", "main").main(PLASMITE_PROGRAM, argv, runRemote)
  if (call.handler === "serve") return load<typeof Serve>("serve", "serve").main(PLASMITE_PROGRAM, argv)
  if (isRemoteCall(call)) return runRemote(call)
  if (call.handler === "poke" && call.arguments.data !== undefined) {
    let acknowledged = false
    const poked = load<typeof PokeNow>("pokeNow", "pokeNow", () => acknowledged).pokeNow(call.arguments)
    acknowledged = poked === "acknowledged"
    if (poked === "acknowledged") return
    if (poked !== undefined) return load<typeof Quick>("quick", "poked").runPokeDone(call.arguments, poked, argv)
  }
  load<typeof Quick>("quick", call.handler).run(call, argv)
}

const argv = process.argv.slice(2)
launch(quickCall(PLASMITE_GRAMMAR, argv), argv)
