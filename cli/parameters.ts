/**
 * The kinds of options and positionals that commands are made of. Each is a plain `@effect/cli` value, so names,
 * choices, defaults and descriptions can be read back from it; texts are unwrapped and whole numbers read here.
 */
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { PoolError } from "../src/PoolError.js"
import { unwrap } from "./exactText.js"
import { parseCount, parseSeq } from "./valueGrammar.js"

/** What most options share: how the value is called in help, and the one-letter spelling. */
interface Naming {
  readonly value?: string
  readonly short?: string
}

const named = <A>(option: Options.Options<A>, naming: Naming, description: string): Options.Options<A> => {
  let result = option
  if (naming.value !== undefined) result = Options.withPseudoName(result, naming.value)
  if (naming.short !== undefined) result = Options.withAlias(result, naming.short)
  return Options.withDescription(result, description)
}

const orUndefined = <A>(option: Options.Options<A>): Options.Options<A | undefined> =>
  Options.map(Options.optional(option), Option.getOrUndefined)

const unwrapped = (option: Options.Options<string>): Options.Options<string | undefined> =>
  orUndefined(Options.map(option, unwrap))

/** On or off; off unless given. */
export const flag = (name: string, description: string, short?: string): Options.Options<boolean> =>
  named(Options.boolean(name), short === undefined ? {} : { short }, description)

/** Any text, the empty one included. What it means is for the command to say. */
export const text = (name: string, value: string, description: string): Options.Options<string | undefined> =>
  unwrapped(named(Options.text(name), { value }, description))

/** Any text, as often as wanted, in the order given. */
export const texts = (name: string, value: string, description: string): Options.Options<ReadonlyArray<string>> =>
  Options.map(named(Options.text(name), { value }, description).pipe(Options.repeated), (wrapped) =>
    wrapped.map(unwrap)
  )

/** A path to a file. Only completion cares that it is one: nothing is looked up while parsing. */
export const file = (name: string, description: string, short?: string): Options.Options<string | undefined> =>
  unwrapped(named(Options.file(name), short === undefined ? { value: "PATH" } : { value: "PATH", short }, description))

/** A path to a directory, under the same terms as `file`. */
export const directory = (name: string, description: string): Options.Options<string | undefined> =>
  unwrapped(named(Options.directory(name), { value: "PATH" }, description))

/** One of a few words, with a default. */
export const choice = <const C extends ReadonlyArray<string>>(
  name: string,
  value: string,
  choices: C,
  fallback: C[number],
  description: string,
  short?: string
): Options.Options<C[number]> =>
  named(Options.choice(name, choices), short === undefined ? { value } : { value, short }, description).pipe(
    Options.withDefault(fallback)
  )

/** One of a few words, or nothing. */
export const optionalChoice = <const C extends ReadonlyArray<string>>(
  name: string,
  value: string,
  choices: C,
  description: string
): Options.Options<C[number] | undefined> => orUndefined(named(Options.choice(name, choices), { value }, description))

/** What is wrong with a value, and what to do about it, on the only road the framework has for that. */
const refusal = (error: PoolError): HelpDoc.HelpDoc =>
  HelpDoc.sequence(HelpDoc.p(error.message), HelpDoc.p(error.hint ?? ""))

/** How many of something. `command` is the command as spelled, for the hint of a refusal. */
export const count = (
  name: string,
  command: ReadonlyArray<string>,
  description: string,
  short?: string
): Options.Options<number | undefined> =>
  orUndefined(
    Options.mapEffect(
      named(Options.text(name), short === undefined ? { value: "N" } : { value: "N", short }, description),
      (wrapped) =>
        Either.mapLeft(parseCount(unwrap(wrapped), { name: `--${name}`, command }), (error) =>
          ValidationError.invalidValue(refusal(error))
        )
    )
  )

const unwrappedArgument = (name: string, description: string): Args.Args<string> =>
  Args.map(Args.withDescription(Args.text({ name }), description), unwrap)

/** A positional that must be there. */
export const argument = (name: string, description: string): Args.Args<string> => unwrappedArgument(name, description)

/** A positional that may be missing. */
export const optionalArgument = (name: string, description: string): Args.Args<string | undefined> =>
  Args.map(Args.optional(unwrappedArgument(name, description)), Option.getOrUndefined)

/** One positional or more. */
export const someArguments = (name: string, description: string): Args.Args<ReadonlyArray<string>> =>
  Args.atLeast(unwrappedArgument(name, description), 1)

/** Any number of positionals. */
export const anyArguments = (name: string, description: string): Args.Args<ReadonlyArray<string>> =>
  Args.repeated(unwrappedArgument(name, description))

/** A positional that is one of a few words. */
export const choiceArgument = <const C extends ReadonlyArray<string>>(
  name: string,
  choices: C,
  description: string
): Args.Args<C[number]> =>
  Args.withDescription(
    Args.choice(
      choices.map((choice): [string, C[number]] => [choice, choice]),
      { name }
    ),
    description
  )

/** A positional sequence number. */
export const seqArgument = (name: string, command: ReadonlyArray<string>, description: string): Args.Args<number> =>
  Args.mapEffect(unwrappedArgument(name, description), (typed) =>
    Either.mapLeft(parseSeq(typed, { name, command }), refusal)
  )
