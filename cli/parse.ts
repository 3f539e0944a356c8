/**
 * From argv to something to do. Nothing is printed, read or ended here: the caller gets a text for one of the
 * streams, or an effect that runs one command, or a `PoolError` that says what is wrong with the call.
 */
import * as CliConfig from "@effect/cli/CliConfig"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import type * as ValidationError from "@effect/cli/ValidationError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { PoolError } from "../src/PoolError.js"
import { SHELLS } from "./arguments.js"
import { canonicalArgv } from "./canonicalArgv.js"
import type { CommandRow } from "./commandTable.js"
import { lastWord } from "./grammar.js"
import { paragraphs } from "./plainText.js"
import type { Pls } from "./pls.js"
import { ArgvRefused, readArgv, type ReadCall } from "./readArgv.js"
import type { Typed } from "./typed.js"
import { TypedCall } from "./typedCall.js"
import { usageError } from "./usageError.js"

export type ParsedArgv<E, R> =
  /** A text for one of the streams, and the status to end with. */
  | { readonly _tag: "Print"; readonly text: string; readonly stream: "stdout" | "stderr"; readonly exitCode: 0 | 2 }
  /** `plasmite X.Y.Z` is wanted. */
  | { readonly _tag: "Version" }
  | { readonly _tag: "Run"; readonly effect: Effect.Effect<void, E, R> }

export interface ParseOptions {
  /** The name the program was started by: called with nothing, `pls` shows help and `plasmite` complains with it. */
  readonly programName: "pls" | "plasmite"
  /** A command called with nothing shows people its page and gives programs an error. */
  readonly stderrIsTerminal: boolean
}

/** Nothing is corrected and nothing is built in. */
const frameworkConfig = CliConfig.make({
  isCaseSensitive: true,
  autoCorrectLimit: 0,
  finalCheckBuiltIn: false,
  showBuiltIns: false
})

/** The framework looks paths up while parsing; a parser that touches files would be a surprise. */
const noFiles = FileSystem.makeNoop({ exists: () => Effect.succeed(false) })

const printHelp = (root: CommandRow, command: CommandRow, stream: "stdout" | "stderr", exitCode: 0 | 2) =>
  Effect.map(
    Effect.promise(() => import("./help.js")),
    ({ helpPage }) => ({ _tag: "Print", text: helpPage(root, command), stream, exitCode }) as const
  )

const printCompletion = (root: CommandRow, typed: Typed) =>
  Effect.map(
    Effect.promise(() => import("./completion.js")),
    ({ completionScript }) => {
      const shell = SHELLS.find((name) => name === typed.positionals[0])
      if (shell === undefined) throw new Error("The shell was checked against the table.")
      return { _tag: "Print", text: completionScript(shell, root), stream: "stdout", exitCode: 0 } as const
    }
  )

/** Runs the framework's parser over a call that is known to be right, up to the values of whole numbers. */
const runCommand = <E, R>(pls: Pls<E, R>, call: ReadCall<CommandRow>): Effect.Effect<ParsedArgv<E, R>, PoolError> => {
  const { typed } = call
  const parsing = CommandDescriptor.parse(pls.command.descriptor, canonicalArgv(pls.table, call), frameworkConfig)
  // The type asks for everything that a parameter could ask for; those of this tree know files at most.
  return (
    parsing as Effect.Effect<
      Effect.Effect.Success<typeof parsing>,
      ValidationError.ValidationError,
      FileSystem.FileSystem
    >
  ).pipe(
    Effect.provideService(FileSystem.FileSystem, noFiles),
    Effect.mapError((invalid) => {
      const [message = "the arguments make no sense", hint] = paragraphs(invalid.error)
      return hint === undefined ? usageError(typed.words, message) : new PoolError({ reason: "Usage", message, hint })
    }),
    Effect.map((directive) => {
      if (directive._tag === "BuiltIn" || directive.leftover.length > 0) {
        throw new Error("A canonical argv was understood in another way than it was written.")
      }
      const effect = pls.command.transform(pls.command.handler(directive.value), directive.value)
      return { _tag: "Run", effect: Effect.provideService(effect, TypedCall, typed) } as const
    })
  )
}

const asError = ({ hint, message }: ArgvRefused): PoolError => new PoolError({ reason: "Usage", message, hint })

/** What `argv`, without the program, asks for. */
export const parseArgv = <E, R>(
  pls: Pls<E, R>,
  argv: ReadonlyArray<string>,
  options: ParseOptions
): Effect.Effect<ParsedArgv<E, R>, PoolError> =>
  Effect.flatMap(
    Effect.try({
      try: () => readArgv(pls.table, argv),
      catch: (error) => {
        if (error instanceof ArgvRefused) return asError(error)
        throw error
      }
    }),
    (read): Effect.Effect<ParsedArgv<E, R>, PoolError> => {
      switch (read._tag) {
        case "Version":
          return Effect.succeed({ _tag: "Version" })
        case "Help":
          return printHelp(pls.table, read.command, "stdout", 0)
        case "Bare":
          if (read.command === pls.table) {
            return options.programName === "pls"
              ? printHelp(pls.table, pls.table, "stdout", 0)
              : printHelp(pls.table, pls.table, "stderr", 2)
          }
          return options.stderrIsTerminal
            ? printHelp(pls.table, read.command, "stderr", 2)
            : Effect.fail(asError(read.error))
        case "Call":
          return lastWord(read.command) === "completion"
            ? printCompletion(pls.table, read.typed)
            : runCommand(pls, read)
        default:
          return read satisfies never
      }
    }
  )
