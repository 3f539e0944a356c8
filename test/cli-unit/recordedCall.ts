/**
 * The program with handlers that only write down what they were asked to do, and the outcome of a command line as a
 * plain value.
 */
import * as Effect from "effect/Effect"
import type { Handlers } from "../../cli/arguments.js"
import { parseArgv, type ParseOptions } from "../../cli/parse.js"
import { makePls } from "../../cli/pls.js"
import type { PoolError } from "../../src/PoolError.js"

export type Outcome =
  | {
      readonly _tag: "Ran"
      readonly handler: keyof Handlers<never, never>
      readonly arguments: Record<string, unknown>
    }
  | { readonly _tag: "Printed"; readonly text: string; readonly stream: "stdout" | "stderr"; readonly exitCode: number }
  | { readonly _tag: "Version" }
  | { readonly _tag: "Failed"; readonly error: PoolError }

type Ran = Extract<Outcome, { readonly _tag: "Ran" }>

class Recorded {
  readonly _tag = "Recorded"
  constructor(readonly call: Ran) {}
}

/** A handler's record leaves through the error channel: nothing else of the effect matters here. */
const record =
  (handler: Ran["handler"]) =>
  (call: object): Effect.Effect<void, Recorded> =>
    Effect.fail(new Recorded({ _tag: "Ran", handler, arguments: { ...call } }))

export const program = makePls<Recorded, never>({
  poke: record("poke"),
  peek: record("peek"),
  get: record("get"),
  poolCreate: record("poolCreate"),
  poolList: record("poolList"),
  poolInfo: record("poolInfo"),
  poolDelete: record("poolDelete"),
  poolForget: record("poolForget"),
  doctor: record("doctor"),
  serve: record("serve"),
  serveInit: record("serveInit"),
  serveCheck: record("serveCheck"),
  version: record("version")
})

/** What a command line comes to. */
export const outcomeOf = (argv: ReadonlyArray<string>, options: Partial<ParseOptions> = {}): Effect.Effect<Outcome> =>
  parseArgv(program, argv, { programName: "pls", stderrIsTerminal: false, ...options }).pipe(
    Effect.flatMap((parsed): Effect.Effect<Outcome, Recorded> => {
      switch (parsed._tag) {
        case "Print":
          return Effect.succeed({ ...parsed, _tag: "Printed" })
        case "Version":
          return Effect.succeed(parsed)
        case "Run":
          return Effect.zipRight(parsed.effect, Effect.dieMessage("The handler did not run."))
      }
    }),
    Effect.catchAll((error) =>
      Effect.succeed<Outcome>(error._tag === "Recorded" ? error.call : { _tag: "Failed", error })
    )
  )

/** The record that the handler was given. */
export const ranWith = (outcome: Outcome): Record<string, unknown> => {
  if (outcome._tag !== "Ran") throw new Error(`Expected a command to run, but: ${JSON.stringify(outcome)}`)
  return outcome.arguments
}

/** The complaint about a command line, after checking what is true of every complaint. */
export const complaint = (outcome: Outcome): { readonly message: string; readonly hint: string } => {
  if (outcome._tag !== "Failed") throw new Error(`Expected a complaint, but: ${JSON.stringify(outcome)}`)
  const { reason, message, hint = "" } = outcome.error
  if (reason !== "Usage") throw new Error(`Expected reason Usage, but ${reason}: ${message}`)
  if (/[\r\n]/.test(message) || message.includes("Usage:")) throw new Error(`Not a plain line: ${message}`)
  if (!hint.includes("--help")) throw new Error(`The hint does not name the help: ${hint}`)
  return { message, hint }
}

/** The text that was to be printed. */
export const printed = (outcome: Outcome): Extract<Outcome, { readonly _tag: "Printed" }> => {
  if (outcome._tag !== "Printed") throw new Error(`Expected a text, but: ${JSON.stringify(outcome)}`)
  return outcome
}
