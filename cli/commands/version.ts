// `version`: text for a person, one JSON line for a program.
import * as Effect from "effect/Effect"
import type { VersionArguments } from "../arguments.js"
import type { CommandEnd } from "../CommandEnd.js"
import { jsonResult, presentation } from "../presentation.js"
import { type OutputClosed, ProcessIo } from "../ProcessIo.js"
import { PROGRAM } from "../usageText.js"
import { version as number } from "../version.js"

export const versionLine = `${PROGRAM} ${number}\n`

export const version = (args: VersionArguments): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    const look = yield* presentation(args.color)
    const json = JSON.stringify({ name: PROGRAM, version: number })
    yield* (yield* ProcessIo).write(look.stdoutIsTerminal ? versionLine : jsonResult(look, json))
  })
