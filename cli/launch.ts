/**
 * What the shell runs: reads the command line, and loads the part of the program that can do what it says. The grammar
 * and the names are put in by the build; nothing here may need a package.
 */
import { join } from "node:path"
import { loadCached } from "./cachedModule.js"
import type { CommandGrammar } from "./grammar.js"
import type { main } from "./main.js"
import type { run } from "./quick.js"
import { quickCall } from "./quickCall.js"

declare const PLASMITE_GRAMMAR: CommandGrammar
declare const PLASMITE_PROGRAM: "pls" | "plasmite"
/** Where the other bundles are. */
declare const PLASMITE_DIRECTORY: string

const argv = process.argv.slice(2)
const call = quickCall(PLASMITE_GRAMMAR, argv)
if (call === undefined) {
  loadCached<{ readonly main: typeof main }>(join(PLASMITE_DIRECTORY, "main.cjs"), "main").main(PLASMITE_PROGRAM, argv)
} else {
  loadCached<{ readonly run: typeof run }>(join(PLASMITE_DIRECTORY, "quick.cjs"), call.handler).run(call, argv)
}
