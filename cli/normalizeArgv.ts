/**
 * The grammar of the command line, over the table of commands: words, options in all their spellings, positionals.
 * What comes out is an argv in one canonical spelling with every value wrapped, which the argument framework cannot
 * misread, or another thing to do. Whatever the table does not know is refused; nothing is guessed or corrected.
 */
import type { PoolError } from "../src/PoolError.js"
import {
  type CommandRow,
  findCommand,
  lastWord,
  type OptionRow,
  ownCommands,
  type PositionalRow
} from "./commandTable.js"
import { wrap } from "./exactText.js"
import { exclusions, requirements } from "./exclusions.js"
import { LATER_COMMANDS } from "./pls.js"
import { suggest } from "./suggest.js"
import { exactCommand, type Typed } from "./typedCall.js"
import { PROGRAM, quoted, usageError } from "./usageError.js"
import { usageLine } from "./usageLine.js"

export type Normalized =
  | { readonly _tag: "Version" }
  | { readonly _tag: "Help"; readonly command: CommandRow }
  /** A command that needs arguments, called with none. People get its help page, scripts the error. */
  | { readonly _tag: "Bare"; readonly command: CommandRow; readonly error: PoolError }
  | { readonly _tag: "Call"; readonly command: CommandRow; readonly argv: ReadonlyArray<string>; readonly typed: Typed }

const isHelp = (token: string): boolean => token === "--help" || token === "-h" || token === "---help"

const isVersion = (token: string): boolean => token === "--version" || token === "-V" || token === "---version"

/** A single dash is a value: standard input, where a file is expected. */
const looksLikeOption = (token: string): boolean => token.length > 1 && token.startsWith("-")

/** One option as typed, before it is known what follows. */
interface Spelled {
  readonly option: OptionRow
  /** The value in the same token, if there is one. */
  readonly attached: string | undefined
  /** The rest of a bundle of flags, as a token of its own. */
  readonly rest: string | undefined
}

class ArgvReader {
  private index = 0
  private row: CommandRow
  private readonly positionals: Array<string> = []
  private readonly values = new Map<OptionRow, Array<string>>()
  private readonly typedOptions: Array<string> = []
  private readonly typedGlobals: Array<string> = []

  constructor(
    private readonly root: CommandRow,
    private readonly argv: ReadonlyArray<string>
  ) {
    this.row = root
  }

  read(): Normalized {
    while (this.row.commands.length > 0) {
      const other = this.readWord()
      if (other !== undefined) return other
    }
    // Help wins over every mistake around it, wherever it stands.
    const end = this.argv.indexOf("--", this.index)
    if (this.argv.slice(this.index, end === -1 ? undefined : end).some(isHelp)) return this.help()
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

  /** Before a command is complete: global options, or the next word of the command. */
  private readWord(): Normalized | undefined {
    if (this.index === this.argv.length) return this.missingCommand()
    const token = this.argv[this.index++]!
    if (isHelp(token)) return this.help()
    if (this.row === this.root && isVersion(token)) return { _tag: "Version" }
    if (looksLikeOption(token)) {
      if (this.takeOption(token)) return this.help()
      return undefined
    }
    this.row = this.descend(this.row, token)
    return undefined
  }

  private descend(row: CommandRow, word: string): CommandRow {
    const found = findCommand(row, [word])
    if (found !== undefined) return found
    if (row === this.root && LATER_COMMANDS.includes(word)) {
      throw usageError([], `this version of ${PROGRAM} does not have \`${word}\` yet`)
    }
    throw usageError(
      row.words,
      row === this.root
        ? `unknown command ${quoted(word)}`
        : `unknown command ${quoted(word)} of \`${row.words.join(" ")}\``,
      didYouMean(suggest(word, row.commands.map(lastWord)))
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

  private put(option: OptionRow, name: string, value: string): void {
    const earlier = this.values.get(option)
    if (option.kind._tag === "Choice") this.checkChoice(option.kind.choices, value, name)
    if (earlier === undefined) this.values.set(option, [value])
    else if (option.repeatable) earlier.push(value)
    else throw this.refuse(`option ${name} was given more than once`)
  }

  private knownOptions(): ReadonlyArray<OptionRow> {
    return this.row === this.root ? this.root.options : [...this.row.options, ...this.root.options]
  }

  // -- Positionals ----------------------------------------------------------------------------------------------

  private takePositional(token: string): void {
    const rows = this.row.positionals
    const position = this.positionals.length
    const last = rows[rows.length - 1]
    const expected: PositionalRow | undefined = rows[position] ?? (last?.repeatable ? last : undefined)
    if (expected === undefined) throw this.refuse(`unexpected argument ${quoted(token)}`)
    if (expected.kind._tag === "Choice") this.checkChoice(expected.kind.choices, token, expected.name)
    this.positionals.push(token)
  }

  // -- At the end of argv ---------------------------------------------------------------------------------------

  private finish(): Normalized {
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
    return { _tag: "Call", command: this.row, argv: this.canonicalArgv(), typed: this.typed() }
  }

  /** A command called with nothing is asked about; one that lacks something is told what. */
  private missingPositional(name: string): Normalized {
    const requirement = requirements[this.ruleName()]
    const words = this.row.words
    const message = requirement?.message ?? `\`${words.join(" ")}\` needs ${name}`
    if (this.typedOptions.length === 0 && this.positionals.length === 0) {
      const advice = requirement === undefined ? "" : `${requirement.advice}; `
      const error = usageError(words, message, `${advice}Usage: ${usageLine(this.row)}`)
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
  private missingCommand(): Normalized {
    if (this.row === this.root && this.argv.length > 0) throw this.noCommand()
    return { _tag: "Bare", command: this.row, error: this.noCommand() }
  }

  private noCommand(): PoolError {
    const names = ownCommands(this.row).map(lastWord)
    const of = this.row === this.root ? "" : ` of \`${this.row.words.join(" ")}\``
    return usageError(this.row.words, `no command${of} was given`, `Usage: ${usageLine(this.row)}: ${names.join(", ")}`)
  }

  /** Options first, in the order of the tree; values wrapped; nothing left to interpret. */
  private canonicalArgv(): ReadonlyArray<string> {
    const argv: Array<string> = [PROGRAM]
    this.pushOptions(argv, this.root.options)
    argv.push(...this.row.words)
    this.pushOptions(argv, this.row.options)
    argv.push("--")
    this.positionals.forEach((value, position) => {
      const kind = this.row.positionals[position]?.kind._tag
      argv.push(kind === "Choice" ? value : wrap(value))
    })
    return argv
  }

  private pushOptions(argv: Array<string>, rows: ReadonlyArray<OptionRow>): void {
    for (const row of rows) {
      for (const value of this.values.get(row) ?? []) {
        argv.push(row.long)
        // A choice is one of the words of the tree: nothing to hide, and the framework checks it again.
        if (row.kind._tag !== "Flag") argv.push(row.kind._tag === "Choice" ? value : wrap(value))
      }
    }
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

  private help(): Normalized {
    return { _tag: "Help", command: this.row }
  }

  private helpAbout(words: ReadonlyArray<string>): Normalized {
    let row = this.root
    for (const word of words) {
      if (row.commands.length === 0) throw this.refuse(`unexpected argument ${quoted(word)}`)
      row = this.descend(row, word)
    }
    return { _tag: "Help", command: row }
  }

  // -- Mistakes -------------------------------------------------------------------------------------------------

  private refuse(message: string, advice?: string): PoolError {
    return usageError(this.row.words, message, advice)
  }

  private unknownOption(typed: string): PoolError {
    const names = [...this.knownOptions().map((row) => row.long), "--help"]
    const isLong = typed.length > 3 && typed.startsWith("--")
    // Long options are not abbreviated here; who tries it is told the whole name.
    const closest = isLong ? (names.find((name) => name.startsWith(typed)) ?? suggest(typed, names)) : undefined
    const advice =
      closest === undefined && this.positionals.length < this.row.positionals.length && typed !== "--"
        ? "if it is not an option, put it after `--`"
        : didYouMean(closest)
    return this.refuse(`unexpected argument ${quoted(typed)}`, advice)
  }

  private missingValue(option: OptionRow, name: string, next: string | undefined): PoolError {
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
    const option = this.row.options.find((row) => row.long === name)
    return option !== undefined && this.values.has(option)
  }

  private ruleName(): string {
    return this.row.aliasOf ?? this.row.words.join(" ")
  }
}

/** What stands for a missing positional in a sample call. */
const SAMPLES: Readonly<Record<string, string>> = { POOL: "chat", NAME: "chat", SEQ: "1", SHELL: "bash" }

const didYouMean = (closest: string | undefined): string | undefined =>
  closest === undefined ? undefined : `did you mean \`${closest}\`?`

/** Reads `argv` (without the program) against the table under `root`. Throws a `PoolError` with reason `Usage`. */
export const normalizeArgv = (root: CommandRow, argv: ReadonlyArray<string>): Normalized =>
  new ArgvReader(root, argv).read()
