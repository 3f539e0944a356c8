/**
 * What can be completed where: the table of commands in the terms that all shells share.
 */
import type { CommandRow, OptionRow, PositionalRow } from "../commandTable.js"
import { lastWord, type ValueKind } from "../grammar.js"
import { paragraphs } from "../plainText.js"

/** What the shell offers for a value. */
export type Candidates =
  | { readonly _tag: "Words"; readonly words: ReadonlyArray<string> }
  | { readonly _tag: "Files" | "Directories" | "Pools" | "Commands" | "Nothing" }

/** A command under all its spellings, `["poke", "feed"]` or `["pool create"]`. */
export interface Spelled {
  readonly spellings: ReadonlyArray<string>
  readonly row: CommandRow
}

/** Every command below `root`, groups before their members. */
export const allCommands = (root: CommandRow): ReadonlyArray<Spelled> =>
  root.commands
    .filter((row) => row.aliasOf === undefined)
    .flatMap((row) => [{ spellings: [row.words.join(" "), ...row.aliases], row }, ...allCommands(row)])

/** The words that may follow a group or the program itself, second spellings included. */
export const nextWords = (row: CommandRow): ReadonlyArray<string> => row.commands.map(lastWord)

const valueCandidates = (kind: ValueKind): Candidates => {
  switch (kind._tag) {
    case "Choice":
      return { _tag: "Words", words: kind.choices }
    case "File":
      return { _tag: "Files" }
    case "Directory":
      return { _tag: "Directories" }
    case "Flag":
    case "Text":
      return { _tag: "Nothing" }
  }
}

export const optionCandidates = (row: OptionRow): Candidates => valueCandidates(row.kind)

/** By its name, since to the framework a pool is a text. A pool to be created has no name to offer. */
export const positionalCandidates = (row: PositionalRow): Candidates =>
  row.name === "POOL" ? { _tag: "Pools" } : row.name === "CMD" ? { _tag: "Commands" } : valueCandidates(row.kind)

export const optionNames = (row: OptionRow): ReadonlyArray<string> =>
  row.short === undefined ? [row.long] : [row.short, row.long]

/** The first clause of a description: lists have little room. */
export const briefly = (row: OptionRow | CommandRow): string =>
  (paragraphs(row.description)[0] ?? "").replace(/[;:] .*$/, "").replace(/\.$/, "")

export const HELP_BRIEFLY = "show help"
export const VERSION_BRIEFLY = "show the version"
