// The program around its commands: reads the command line with the whole tree, answers help, completion and mistakes, and
// runs what is left. Who makes a program says which commands it has.
import * as Effect from "effect/Effect"
import type { CommandEnd } from "./CommandEnd.js"
import type { Handlers } from "./arguments.js"
import { versionLine } from "./commands/version.js"
import { runToExit } from "./ending.js"
import { parseArgv } from "./parse.js"
import { makePls } from "./pls.js"
import { type OutputClosed, ProcessIo } from "./ProcessIo.js"

export type ProgramHandlers = Handlers<CommandEnd | OutputClosed, ProcessIo>

/** For the commands that a part of the program does not have: the launcher loads another one for them. */
export const elsewhere = () => Effect.dieMessage("The launcher loads another part of the program for this command.")

export const makeMain =
  (handlers: ProgramHandlers) =>
  (programName: "pls" | "plasmite", argv: ReadonlyArray<string>): void =>
    runToExit(run(handlers, programName, argv), argv)

const run = (
  handlers: ProgramHandlers,
  programName: "pls" | "plasmite",
  argv: ReadonlyArray<string>
): Effect.Effect<number, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    const io = yield* ProcessIo
    const parsed = yield* parseArgv(makePls(handlers), argv, { programName, stderrIsTerminal: io.stderrIsTerminal })
    switch (parsed._tag) {
      case "Version":
        yield* io.write(versionLine)
        return 0
      case "Print":
        yield* parsed.stream === "stdout" ? io.write(parsed.text) : io.writeError(parsed.text)
        return parsed.exitCode
      case "Run":
        yield* parsed.effect
        return 0
    }
  })
