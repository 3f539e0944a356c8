// The whole program: every command, help, completion, and what to say about a mistake. The launcher loads it for what the
// quick part does not answer.
import * as Effect from "effect/Effect"
import type { CommandEnd } from "./CommandEnd.js"
import { doctor } from "./commands/doctor.js"
import { get } from "./commands/get.js"
import { peek } from "./commands/peek.js"
import { poke } from "./commands/poke.js"
import { poolCreate, poolDelete, poolInfo, poolList } from "./commands/pool.js"
import { version, versionLine } from "./commands/version.js"
import { runToExit } from "./ending.js"
import { parseArgv } from "./parse.js"
import { makePls } from "./pls.js"
import { type OutputClosed, ProcessIo } from "./ProcessIo.js"

const pls = makePls({ poke, peek, get, poolCreate, poolList, poolInfo, poolDelete, doctor, version })

const run = (
  programName: "pls" | "plasmite",
  argv: ReadonlyArray<string>
): Effect.Effect<number, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    const io = yield* ProcessIo
    const parsed = yield* parseArgv(pls, argv, { programName, stderrIsTerminal: io.stderrIsTerminal })
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

export const main = (programName: "pls" | "plasmite", argv: ReadonlyArray<string>): void =>
  runToExit(run(programName, argv), argv)
