// How a command's output looks, decided once from the terminal, `--color` and `NO_COLOR`. Each stream is judged on its
// own: redirecting one never changes the other.
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { PoolError } from "../src/PoolError.js"
import type { ColorMode, JsonChoice } from "./arguments.js"
import type { Style } from "./output/color.js"
import type { ErrorExtras, Notice } from "./output/envelopes.js"
import { errorEnvelope, errorText, noticeEnvelope, noticeText } from "./output/envelopes.js"
import { colorJson, prettyJson } from "./output/jsonText.js"
import { formatMillis } from "./output/timestamps.js"
import { ProcessIo } from "./ProcessIo.js"

export interface Presentation {
  readonly stdout: Style
  readonly stderr: Style
  readonly stdoutIsTerminal: boolean
  readonly stderrIsTerminal: boolean
  /** `--color always`: the human form also into a pipe, where the form is open. */
  readonly forced: boolean
}

export const presentation = (color: ColorMode): Effect.Effect<Presentation, never, ProcessIo> =>
  Effect.map(ProcessIo, ({ env, stderrIsTerminal, stdoutIsTerminal }) => {
    const wanted = color === "auto" ? !env("NO_COLOR") : color === "always"
    const forced = color === "always"
    return {
      stdout: { color: wanted && (stdoutIsTerminal || forced) },
      stderr: { color: wanted && stderrIsTerminal },
      stdoutIsTerminal,
      stderrIsTerminal,
      forced
    }
  })

/** Text, where a command has a human and a JSON form and neither was asked for: the terminal decides. */
export const wantsJson = (look: Presentation, choice: JsonChoice): boolean => choice ?? !look.stdoutIsTerminal

/** One JSON result: pretty for a terminal or under `--color always`, else one compact line. */
export const jsonResult = (look: Presentation, compact: string): string =>
  look.stdoutIsTerminal || look.forced ? prettyValue(look, compact) : `${compact}\n`

export const prettyValue = (look: Presentation, compact: string): string =>
  `${look.stdout.color ? colorJson(compact) : prettyJson(compact)}\n`

export const reportError = (
  look: Presentation,
  error: PoolError,
  extras: ErrorExtras = {}
): Effect.Effect<void, never, ProcessIo> =>
  Effect.flatMap(ProcessIo, (io) =>
    io.writeError(`${look.stderrIsTerminal ? errorText(error, look.stderr, extras) : errorEnvelope(error, extras)}\n`)
  )

export const reportNotice = (look: Presentation, notice: Notice): Effect.Effect<void, never, ProcessIo> =>
  Effect.gen(function* () {
    const io = yield* ProcessIo
    const time = formatMillis(yield* Clock.currentTimeMillis)
    yield* io.writeError(`${look.stderrIsTerminal ? noticeText(notice, look.stderr) : noticeEnvelope(notice, time)}\n`)
  })
