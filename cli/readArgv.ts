/**
 * The grammar of the command line, over the table of commands: words, options in all their spellings, positionals.
 * What comes out is every value as it was typed, or another thing to do. Whatever the table does not know is refused;
 * nothing is guessed or corrected. Part of the launcher: nothing of Effect is loaded here.
 */
import { exclusions, groupOptionsCount, requirements } from "./exclusions.js"
import {
  findCommand,
  lastWord,
  LATER_COMMANDS,
  runsAlone,
  type OptionGrammar,
  ownCommands,
  type PositionalGrammar,
  type Tree
} from "./grammar.js"
import { suggest } from "./suggest.js"
import { exactCommand, type Typed } from "./typed.js"
import { PROGRAM, quoted, usageHint } from "./usageText.js"
import { usageLine } from "./usageLine.js"

/** What is wrong with a command line, in the two sentences of a `Usage` failure. */
export class ArgvRefused {
  constructor(
    readonly message: string,
    readonly hint: string
  ) {}
}

/** Every option that was given, by its long spelling, with its values in order; a flag has one, the empty text. */
export type OptionValues = ReadonlyMap<string, ReadonlyArray<string>>

/** A command with everything it was given, known to be right up to the values of whole numbers. */
export interface ReadCall<Row> {
  readonly _tag: "Call"
  readonly command: Row
  readonly values: OptionValues
  readonly positionals: ReadonlyArray<string>
  readonly typed: Typed
}

export type ReadArgv<Row> =
  | { readonly _tag: "Version" }
  | { readonly _tag: "Help"; readonly command: Row }
  /** A command that needs arguments, called with none. People get its help page, scripts the error. */
  | { readonly _tag: "Bare"; readonly command: Row; readonly error: ArgvRefused }
  | ReadCall<Row>

const isHelp = (token: string): boolean => token === "--help" || token === "-h" || token === "---help"

const isVersion = (token: string): boolean => token === "--version" || token === "-V" || token === "---version"

/** A single dash is a value: standard input, where a file is expected. */
const looksLikeOption = (token: string): boolean => token.length > 1 && token.startsWith("-")

/** One option as typed, before it is known what follows. */
interface Spelled {
  readonly option: OptionGrammar
  /** The value in the same token, if there is one. */
  readonly attached: string | undefined
  /** The rest of a bundle of flags, as a token of its own. */
  readonly rest: string | undefined
}

class ArgvReader<Row extends Tree<Row>> {
  private index = 0
  private row: Row
  private readonly positionals: Array<string> = []
  private readonly values = new Map<string, Array<string>>()
  private readonly typedOptions: Array<string> = []
  private readonly typedGlobals: Array<string> = []
  private misplaced: string | undefined

  constructor(
    private readonly root: Row,
    private readonly argv: ReadonlyArray<string>
  ) {
    this.row = root
  }

  read(): ReadArgv<Row> {
    while (this.row.commands.length > 0) {
      if (runsAlone(this.row) && this.index === this.argv.length) return this.finish()
      const isCommand = runsAlone(this.row)
      try {
        const other = this.readWord()
        if (other !== undefined) return other
      } catch (refusal) {
        if (isCommand && this.asksForHelp()) return this.help()
        throw refusal
      }
    }
    if (this.asksForHelp()) return this.help()
    while (this.index < this.argv.length) {
      const token = this.argv[this.index++]!
      if (token === "--") {
        while (this.index < this.argv.length) this.takePositional(this.argv[this.index++]!)
      } else if (looksLikeOption(token)) {
        if (this.takeOption(token)) return this.help()
      } else {
        this.takePositional(token)
      }
    }
    return lastWord(this.row) === "help" ? this.helpAbout(this.positionals) : this.finish()
  }

  /** Help wins over every mistake around it, wherever it stands. */
  private asksForHelp(): boolean {
    const end = this.argv.indexOf("--", this.index)
    return this.argv.slice(this.index, end === -1 ? undefined : end).some(isHelp)
  }

  /** Before a command is complete: global options, or the next word of the command. */
  private readWord(): ReadArgv<Row> | undefined {
    if (this.index === this.argv.length) return this.missingCommand()
    const token = this.argv[this.index++]!
    if (isHelp(token)) return this.help()
    if (this.row === this.root && isVersion(token)) return { _tag: "Version" }
    if (looksLikeOption(token)) {
      if (this.takeOption(token)) return this.help()
      return undefined
    }
    const group = this.row
    this.row = this.descend(group, token)
    if (runsAlone(group)) this.leaveGroup(group)
    return undefined
  }

  private descend(row: Row, word: string): Row {
    const found = findCommand(row, [word])
    if (found !== undefined) return found
    if (row === this.root && LATER_COMMANDS.includes(word)) {
      throw refused([], `this version of ${PROGRAM} does not have \`${word}\` yet`)
    }
    throw refused(
      row.words,
      row === this.root
        ? `unknown command ${quoted(word)}`
        : `unknown command ${quoted(word)} of \`${row.words.join(" ")}\``,
      didYouMean(suggest(word, row.commands.map(lastWord)))
    )
  }

  /** What was given to a group before the word of one of its commands may mean nothing there; help still wins. */
  private leaveGroup(group: Row): void {
    if (groupOptionsCount(this.ruleName())) return
    for (const { long } of group.options) {
      if (this.values.delete(long)) this.misplaced ??= long
    }
  }

  private refuseMisplaced(given: string): ArgvRefused {
    const isOwn = this.row.options.some(({ long }) => long === given)
    return this.refuse(
      `${given} means nothing before \`${this.row.words.join(" ")}\``,
      isOwn ? `Move ${given} behind \`${lastWord(this.row)}\`` : `Remove ${given}`
    )
  }

  // -- Options --------------------------------------------------------------------------------------------------

  /** Takes one option token and the value that belongs to it. True if it turns out to ask for help. */
  private takeOption(token: string): boolean {
    let next: string | undefined = token
    const typed = [token]
    let isGlobal = true
    while (next !== undefined) {
      if (isHelp(next) || next.startsWith("-h")) return true
      const { option, attached, rest }: Spelled = next.startsWith("--") ? this.spellLong(next) : this.spellShort(next)
      const name = next.startsWith("--") ? option.long : option.short!
      isGlobal &&= this.root.options.includes(option)
      if (option.kind._tag === "Flag") {
        if (attached !== undefined) throw this.refuse(`option ${name} takes no value, not ${quoted(attached)}`)
        this.put(option, name, "")
      } else if (attached !== undefined) {
        this.put(option, name, attached)
      } else {
        const value = this.argv[this.index]
        if (value === undefined || looksLikeOption(value)) throw this.missingValue(option, name, value)
        this.index++
        typed.push(value)
        this.put(option, name, value)
      }
      next = rest
    }
    const tokens = isGlobal ? this.typedGlobals : this.typedOptions
    tokens.push(...typed)
    return false
  }

  private spellLong(token: string): Spelled {
    const equals = token.indexOf("=")
    const name = equals === -1 ? token : token.slice(0, equals)
    const option = this.knownOptions().find((row) => row.long === name)
    if (option === undefined) throw this.unknownOption(name)
    return { option, attached: equals === -1 ? undefined : token.slice(equals + 1), rest: undefined }
  }

  /** `-n5`, `-n=5`, `-n` before its value, and flags that share one dash. */
  private spellShort(token: string): Spelled {
    const name = token.slice(0, 2)
    const option = this.knownOptions().find((row) => row.short === name)
    if (option === undefined) throw this.unknownOption(token)
    const rest = token.slice(2)
    if (rest === "") return { option, attached: undefined, rest: undefined }
    if (rest.startsWith("=")) return { option, attached: rest.slice(1), rest: undefined }
    return option.kind._tag === "Flag"
      ? { option, attached: undefined, rest: `-${rest}` }
      : { option, attached: rest, rest: undefined }
  }

  private put(option: OptionGrammar, name: string, value: string): void {
    const earlier = this.values.get(option.long)
    if (option.kind._tag === "Choice") this.checkChoice(option.kind.choices, value, name)
    if (earlier === undefined) this.values.set(option.long, [value])
    else if (option.repeatable) earlier.push(value)
    else throw this.refuse(`option ${name} was given more than once`)
  }

  private knownOptions(): ReadonlyArray<OptionGrammar> {
    return this.row === this.root ? this.root.options : [...this.row.options, ...this.root.options]
  }

  // -- Positionals ----------------------------------------------------------------------------------------------

  private takePositional(token: string): void {
    const rows = this.row.positionals
    const position = this.positionals.length
    const last = rows[rows.length - 1]
    const expected: PositionalGrammar | undefined = rows[position] ?? (last?.repeatable ? last : undefined)
    if (expected === undefined) throw this.refuse(`unexpected argument ${quoted(token)}`, this.asOneArgument())
    if (expected.kind._tag === "Choice") this.checkChoice(expected.kind.choices, token, expected.name)
    this.positionals.push(token)
  }

  /** JSON without quotes round it, which a shell takes apart at every blank. */
  private asOneArgument(): string | undefined {
    const last = this.row.positionals.at(-1)
    return last?.name === "DATA" ? `DATA is one argument: put it in single quotes, '{"text": "hello"}'` : undefined
  }

  // -- At the end of argv ---------------------------------------------------------------------------------------

  private finish(): ReadArgv<Row> {
    if (this.misplaced !== undefined) throw this.refuseMisplaced(this.misplaced)
    const requirement = requirements[this.ruleName()]
    const missing =
      this.row.positionals.find((row, position) => row.required && position >= this.positionals.length)?.name ??
      (requirement !== undefined && !requirement.oneOf.some((name) => this.has(name))
        ? requirement.oneOf[0]
        : undefined)
    if (missing !== undefined) return this.missingPositional(missing)
    for (const { between, message, advice } of exclusions[this.ruleName()] ?? []) {
      if (between.every((name) => this.has(name))) {
        throw this.refuse(message ?? `${between[0]} cannot be combined with ${between[1]}`, advice)
      }
    }
    return {
      _tag: "Call",
      command: this.row,
      values: this.values,
      positionals: this.positionals,
      typed: this.typed()
    }
  }

  /** A command called with nothing is asked about; one that lacks something is told what. */
  private missingPositional(name: string): ReadArgv<Row> {
    const requirement = requirements[this.ruleName()]
    const words = this.row.words
    const message = requirement?.message ?? `\`${words.join(" ")}\` needs ${name}`
    if (this.typedOptions.length === 0 && this.positionals.length === 0) {
      const advice = requirement === undefined ? "" : `${requirement.advice}; `
      const error = refused(words, message, `${advice}Usage: ${usageLine(this.row)}`)
      return { _tag: "Bare", command: this.row, error }
    }
    const positionals = this.row.positionals
      .filter((row) => row.required)
      .map((row, position) => this.positionals[position] ?? SAMPLES[row.name] ?? row.name)
    const sample = exactCommand({ ...this.typed(), positionals })
    const what = name === "POOL" ? "name the pool with a pool ref" : `give ${name}`
    throw this.refuse(message, requirement?.advice ?? `${what}, for example \`${sample}\``)
  }

  /** Global options alone are a mistake; nothing at all, of the program or of a group, is a question. */
  private missingCommand(): ReadArgv<Row> {
    if (this.row === this.root && this.argv.length > 0) throw this.noCommand()
    return { _tag: "Bare", command: this.row, error: this.noCommand() }
  }

  private noCommand(): ArgvRefused {
    const names = ownCommands(this.row).map(lastWord)
    const of = this.row === this.root ? "" : ` of \`${this.row.words.join(" ")}\``
    return refused(this.row.words, `no command${of} was given`, `Usage: ${usageLine(this.row)}: ${names.join(", ")}`)
  }

  private typed(): Typed {
    return {
      words: this.row.words,
      positionals: this.positionals,
      options: this.typedOptions,
      globals: this.typedGlobals
    }
  }

  // -- Help -----------------------------------------------------------------------------------------------------

  private help(): ReadArgv<Row> {
    return { _tag: "Help", command: this.row }
  }

  private helpAbout(words: ReadonlyArray<string>): ReadArgv<Row> {
    let row = this.root
    for (const word of words) {
      if (row.commands.length === 0) throw this.refuse(`unexpected argument ${quoted(word)}`)
      row = this.descend(row, word)
    }
    return { _tag: "Help", command: row }
  }

  // -- Mistakes -------------------------------------------------------------------------------------------------

  private refuse(message: string, advice?: string): ArgvRefused {
    return refused(this.row.words, message, advice)
  }

  private unknownOption(typed: string): ArgvRefused {
    const names = [...this.knownOptions().map((row) => row.long), "--help"]
    const isLong = typed.length > 3 && typed.startsWith("--")
    // Long options are not abbreviated here; who tries it is told the whole name.
    const closest = isLong
      ? (names.find((name) => name.startsWith(typed)) ?? lastWordsOf(typed, names) ?? suggest(typed, names))
      : undefined
    const group = findCommand(this.root, this.row.words.slice(0, -1))
    if (groupOptionsCount(this.ruleName()) && group?.options.some(({ long }) => long === typed) === true) {
      return this.refuse(`unexpected argument ${quoted(typed)}`, `Put ${typed} before \`${lastWord(this.row)}\``)
    }
    const advice =
      closest === undefined && this.positionals.length < this.row.positionals.length && typed !== "--"
        ? "if it is not an option, put it after `--`"
        : didYouMean(closest)
    return this.refuse(`unexpected argument ${quoted(typed)}`, advice)
  }

  private missingValue(option: OptionGrammar, name: string, next: string | undefined): ArgvRefused {
    const advice =
      next === undefined || next === "--"
        ? undefined
        : `a value that begins with a dash is written ${quoted(`${option.long}=${next}`)}`
    return this.refuse(`option ${name} needs a value (${option.value})`, advice)
  }

  private checkChoice(choices: ReadonlyArray<string>, value: string, name: string): void {
    if (choices.includes(value)) return
    const known = `${choices.slice(0, -1).join(", ")} or ${choices[choices.length - 1] ?? ""}`
    throw this.refuse(`invalid value ${quoted(value)} for ${name}: not ${known}`, didYouMean(suggest(value, choices)))
  }

  /** Whether an option or a positional was given, by the name it has in help. */
  private has(name: string): boolean {
    const position = this.row.positionals.findIndex((row) => row.name === name)
    if (position !== -1) return position < this.positionals.length
    return this.row.options.some((row) => row.long === name) && this.values.has(name)
  }

  private ruleName(): string {
    return this.row.aliasOf ?? this.row.words.join(" ")
  }
}

/** What stands for a missing positional in a sample call. */
const SAMPLES: Readonly<Record<string, string>> = { POOL: "chat", NAME: "chat", SEQ: "1", SHELL: "bash" }

const didYouMean = (closest: string | undefined): string | undefined =>
  closest === undefined ? undefined : `did you mean \`${closest}\`?`

/** `--size` for `--create-size`: the name without what tells it from others. */
const lastWordsOf = (typed: string, names: ReadonlyArray<string>): string | undefined =>
  names.find((name) => name.endsWith(typed.slice(1)))

const refused = (words: ReadonlyArray<string>, message: string, advice?: string): ArgvRefused =>
  new ArgvRefused(message, usageHint(words, advice))

/** Reads `argv` (without the program) against the table under `root`. Throws `ArgvRefused`. */
export const readArgv = <Row extends Tree<Row>>(root: Row, argv: ReadonlyArray<string>): ReadArgv<Row> =>
  new ArgvReader(root, argv).read()
