// `serve check`: would a start be accepted? The same checks, and nothing bound, made or written.
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ServeCheckArguments } from "../arguments.js"
import type { CommandEnd } from "../CommandEnd.js"
import { jsonResult, presentation, wantsJson } from "../presentation.js"
import { type OutputClosed, ProcessIo } from "../ProcessIo.js"
import { planServe } from "../serve/plan.js"
import { parseLogLevel } from "../serve/serveLog.js"
import { checkJson, checkText, factsOf } from "../serve/startText.js"
import { orPoolError } from "./serve.js"

export const serveCheck = (args: ServeCheckArguments): Effect.Effect<void, CommandEnd | OutputClosed, ProcessIo> =>
  Effect.gen(function* () {
    const io = yield* ProcessIo
    const look = yield* presentation(args.color)
    const now = yield* Clock.currentTimeMillis
    const plan = yield* orPoolError(() => planServe(args, now))
    yield* orPoolError(() => parseLogLevel(io.env("PLASMITE_LOG")))
    const facts = factsOf(plan, plan.bind)
    yield* io.write(wantsJson(look, args.json) ? jsonResult(look, checkJson(facts)) : `${checkText(facts)}\n`)
  })
