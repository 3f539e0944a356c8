/**
 * Help pages as plain text, made from the table of commands: what a page says about an option is what the parser
 * does with it. Width is fixed, so that a page is the same on a terminal, in a pipe and in a bug report.
 */
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type { CommandRow, OptionRow, PositionalRow } from "./commandTable.js"
import { lastWord, ownCommands, runsAlone } from "./grammar.js"
import { blocksOf, paragraphs, spanText } from "./plainText.js"
import { usageLine } from "./usageLine.js"
import { commandName } from "./usageText.js"

const WIDTH = 80
const INDENT = "  "
/** Longer names get a line of their own. */
const NAME_WIDTH_MAX = 24

// -- Documents to text ------------------------------------------------------------------------------------------

const prose = (doc: HelpDoc.HelpDoc): string => paragraphs(doc).join(" ")

/** The first paragraph: what a command does, in a sentence. */
export const summary = (row: CommandRow): string => paragraphs(row.description)[0] ?? ""

const wrapText = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === "" ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

type Entry = readonly [name: string, meaning: string]

/** Names on the left, meanings wrapped in a column on the right. */
const columns = (entries: ReadonlyArray<Entry>): ReadonlyArray<string> => {
  const nameWidth = Math.min(NAME_WIDTH_MAX, Math.max(...entries.map(([name]) => name.length)))
  const margin = INDENT + " ".repeat(nameWidth) + INDENT
  return entries.flatMap(([name, meaning]) => {
    const [first = "", ...rest] = wrapText(meaning, WIDTH - margin.length)
    const head =
      name.length > nameWidth ? [INDENT + name, margin + first] : [INDENT + name.padEnd(nameWidth) + INDENT + first]
    return [...head, ...rest.map((line) => margin + line)]
  })
}

const renderBlock = (block: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  switch (block._tag) {
    case "Header":
      return ["", spanText(block.value)]
    case "Paragraph":
      return ["", ...wrapText(spanText(block.value), WIDTH)]
    case "DescriptionList":
      return columns(block.definitions.map(([name, meaning]): Entry => [spanText(name), prose(meaning)]))
    case "Enumeration":
      // Examples are meant to be pasted, so they are not wrapped.
      return block.elements.map((element) => INDENT + prose(element))
    case "Sequence":
    case "Empty":
      return []
    default:
      return block satisfies never
  }
}

// -- Pages ------------------------------------------------------------------------------------------------------

const section = (title: string, entries: ReadonlyArray<Entry>): ReadonlyArray<string> =>
  entries.length === 0 ? [] : ["", title, ...columns(entries)]

const positionalEntry = (row: PositionalRow): Entry => [row.name, prose(row.description)]

const optionEntry = (row: OptionRow): Entry => {
  const name = `${row.short === undefined ? "    " : `${row.short}, `}${row.long}`
  const facts = [prose(row.description)]
  if (row.kind._tag === "Choice") facts.push(`one of: ${row.kind.choices.join(", ")}`)
  if (row.fallback !== undefined) facts.push(`default: ${row.fallback}`)
  return [row.kind._tag === "Flag" ? name : `${name} ${row.value}`, facts.join("; ")]
}

const GLOBAL_OPTIONS = "GLOBAL OPTIONS, before or after the command"
const HELP_OPTION: Entry = ["-h, --help", "show this page"]
const VERSION_OPTION: Entry = ["-V, --version", "show the version"]

/** Commands, with a group's commands in its place and aliases beside the names they stand for. */
const commandEntries = (row: CommandRow): ReadonlyArray<Entry> =>
  ownCommands(row).flatMap((command) => {
    const name = [command.words.join(" "), ...command.aliases].join(", ")
    const entry: Entry = [name, summary(command)]
    if (command.commands.length === 0) return [entry]
    return [...(runsAlone(command) ? [entry] : []), ...commandEntries(command)]
  })

/** Where the closing part of a description begins: at its first heading. */
const openingLength = (blocks: ReadonlyArray<HelpDoc.HelpDoc>): number => {
  const index = blocks.findIndex((block) => block._tag === "Header")
  return index === -1 ? blocks.length : index
}

const rootPage = (root: CommandRow): ReadonlyArray<string> => {
  const blocks = blocksOf(root.description)
  const opening = openingLength(blocks)
  return [
    ...blocks.slice(0, opening).flatMap(renderBlock).slice(1),
    "",
    "USAGE",
    `${INDENT}${commandName([...root.options.map((row) => `[${row.long} ${row.value}]`), "COMMAND", "[ARGUMENTS]"])}`,
    ...section("COMMANDS", commandEntries(root)),
    "",
    ...wrapText(
      `\`${commandName(["CMD", "--help"])}\` shows the arguments of a command. \`pls\` is short for \`plasmite\`.`,
      WIDTH
    ),
    ...section(GLOBAL_OPTIONS, [...root.options.map(optionEntry), HELP_OPTION, VERSION_OPTION]),
    ...blocks.slice(opening).flatMap(renderBlock)
  ]
}

const otherSpelling = (row: CommandRow): ReadonlyArray<string> => {
  const others = row.aliasOf === undefined ? row.aliases : [row.aliasOf]
  return others.length === 0 ? [] : ["", `\`${lastWord(row)}\` is also spelled \`${others.join("`, `")}\`.`]
}

const commandPage = (root: CommandRow, row: CommandRow): ReadonlyArray<string> => {
  const blocks = blocksOf(row.description)
  const opening = openingLength(blocks)
  return [
    `Usage: ${usageLine(row)}`,
    ...blocks.slice(0, opening).flatMap(renderBlock),
    ...otherSpelling(row),
    ...section("COMMANDS", commandEntries(row)),
    ...section("ARGUMENTS", row.positionals.map(positionalEntry)),
    ...section("OPTIONS", row.options.map(optionEntry)),
    ...section(GLOBAL_OPTIONS, [...root.options.map(optionEntry), HELP_OPTION]),
    ...blocks.slice(opening).flatMap(renderBlock)
  ]
}

/** The help page of a command of `root`, or of the program if it is `root` itself. Ends in a newline. */
export const helpPage = (root: CommandRow, row: CommandRow): string => {
  const lines = row === root ? rootPage(root) : commandPage(root, row)
  return `${lines.join("\n")}\n`
}
