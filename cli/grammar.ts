/**
 * What a command line may say, as plain rows: commands, options, positionals, without a word of prose. `commandTable`
 * reads them from the tree of commands; the build puts them into the launcher, which knows nothing else.
 */

/** What a value may be, as far as the shell and the parser care. */
export type ValueKind =
  | { readonly _tag: "Flag" }
  | { readonly _tag: "Text" }
  | { readonly _tag: "File" }
  | { readonly _tag: "Directory" }
  | { readonly _tag: "Choice"; readonly choices: ReadonlyArray<string> }

export interface OptionGrammar {
  /** The long spelling, with its dashes. */
  readonly long: string
  /** The one-letter spelling, with its dash. */
  readonly short: string | undefined
  /** What the value is called in help; meaningless for a flag. */
  readonly value: string
  readonly kind: ValueKind
  readonly repeatable: boolean
  readonly fallback: string | undefined
}

export interface PositionalGrammar {
  readonly name: string
  readonly kind: ValueKind
  readonly required: boolean
  readonly repeatable: boolean
}

export interface CommandGrammar {
  /** From below the root: `["pool", "create"]`. */
  readonly words: ReadonlyArray<string>
  /** The command this is another spelling of. */
  readonly aliasOf: string | undefined
  readonly options: ReadonlyArray<OptionGrammar>
  readonly positionals: ReadonlyArray<PositionalGrammar>
  readonly commands: ReadonlyArray<CommandGrammar>
}

/** Second spellings, and the command each of them is. */
export const ALIASES = { feed: "poke", follow: "peek", fetch: "get" } as const

/** Commands of the family that this version does not have. */
export const LATER_COMMANDS: ReadonlyArray<string> = ["duplex", "tap", "mcp"]

/** The last word of a command. */
export const lastWord = (row: Pick<CommandGrammar, "words">): string => row.words[row.words.length - 1] ?? ""

/** Rows of any kind that have rows of the same kind below them. */
export interface Tree<Row> extends Omit<CommandGrammar, "commands"> {
  readonly commands: ReadonlyArray<Row>
}

/** The commands of a row without the second spellings. */
export const ownCommands = <Row extends Tree<Row>>(row: Row): ReadonlyArray<Row> =>
  row.commands.filter((command) => command.aliasOf === undefined)

/** Whether a group is a command itself: one that has options of its own is. */
export const runsAlone = <Row extends Tree<Row>>(row: Row): boolean =>
  row.words.length > 0 && row.commands.length > 0 && row.options.length > 0

/** The rows from below the root down to the command with these words, itself included. */
export const rowsTo = <Row extends Tree<Row>>(root: Row, words: ReadonlyArray<string>): ReadonlyArray<Row> =>
  words.flatMap((_, index) => findCommand(root, words.slice(0, index + 1)) ?? [])

/** The command with these words under `root`. */
export const findCommand = <Row extends Tree<Row>>(root: Row, words: ReadonlyArray<string>): Row | undefined => {
  let row: Row | undefined = root
  for (const word of words) row = row?.commands.find((command) => lastWord(command) === word)
  return row
}

/** The rows alone, of rows that may know more. */
export const grammarOf = (row: CommandGrammar): CommandGrammar => ({
  words: row.words,
  aliasOf: row.aliasOf,
  options: row.options.map(({ fallback, kind, long, repeatable, short, value }) => ({
    long,
    short,
    value,
    kind,
    repeatable,
    fallback
  })),
  positionals: row.positionals.map(({ kind, name, repeatable, required }) => ({ name, kind, required, repeatable })),
  commands: row.commands.map(grammarOf)
})
