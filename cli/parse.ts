/**
 * From argv to something to do. Nothing is printed, read or ended here: the caller gets a text for one of the
 * streams, or an effect that runs one command, or a `PoolError` that says what is wrong with the call.
 */
import * as CliConfig from "@effect/cli/CliConfig"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import type * as ValidationError from "@effect/cli/ValidationError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { isPoolError, PoolError } from "../src/PoolError.js"
import { COLOR_MODES, type ColorMode, SHELLS } from "./arguments.js"
import { type CommandRow, lastWord } from "./commandTable.js"
import { type Normalized, normalizeArgv } from "./normalizeArgv.js"
import { paragraphs } from "./plainText.js"
import type { Pls } from "./pls.js"
import { type Typed, TypedCall } from "./typedCall.js"
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

/** Runs the framework's parser over an argv that is known to be right, up to the values of whole numbers. */
const runCommand = <E, R>(
  pls: Pls<E, R>,
  { argv, typed }: Extract<Normalized, { readonly _tag: "Call" }>
): Effect.Effect<ParsedArgv<E, R>, PoolError> => {
  const parsing = CommandDescriptor.parse(pls.command.descriptor, argv, frameworkConfig)
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
        throw new Error("A normalised argv was understood in another way than it was written.")
      }
      const effect = pls.command.transform(pls.command.handler(directive.value), directive.value)
      return { _tag: "Run", effect: Effect.provideService(effect, TypedCall, typed) } as const
    })
  )
}

/** What `argv`, without the program, asks for. */
export const parseArgv = <E, R>(
  pls: Pls<E, R>,
  argv: ReadonlyArray<string>,
  options: ParseOptions
): Effect.Effect<ParsedArgv<E, R>, PoolError> =>
  Effect.flatMap(
    Effect.try({
      try: () => normalizeArgv(pls.table, argv),
      catch: (error) => {
        if (isPoolError(error)) return error as PoolError
        throw error
      }
    }),
    (normalized): Effect.Effect<ParsedArgv<E, R>, PoolError> => {
      switch (normalized._tag) {
        case "Version":
          return Effect.succeed({ _tag: "Version" })
        case "Help":
          return printHelp(pls.table, normalized.command, "stdout", 0)
        case "Bare":
          if (normalized.command === pls.table) {
            return options.programName === "pls"
              ? printHelp(pls.table, pls.table, "stdout", 0)
              : printHelp(pls.table, pls.table, "stderr", 2)
          }
          return options.stderrIsTerminal
            ? printHelp(pls.table, normalized.command, "stderr", 2)
            : Effect.fail(normalized.error)
        case "Call":
          return lastWord(normalized.command) === "completion"
            ? printCompletion(pls.table, normalized.typed)
            : runCommand(pls, normalized)
        default:
          return normalized satisfies never
      }
    }
  )

/**
 * The `--color` of a command line that may be wrong, for dressing the complaint about it. The last one that makes
 * sense counts.
 */
export const colorOf = (argv: ReadonlyArray<string>): ColorMode => {
  const end = argv.indexOf("--")
  let color: ColorMode = "auto"
  argv.slice(0, end === -1 ? undefined : end).forEach((token, index, tokens) => {
    const value = token === "--color" ? tokens[index + 1] : token.startsWith("--color=") ? token.slice(8) : undefined
    color = COLOR_MODES.find((mode) => mode === value) ?? color
  })
  return color
}
