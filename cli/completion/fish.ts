/**
 * The fish script: one `complete` line per option, word and positional, each under the condition that its command
 * has been typed. `pls` is completed as what it is, another name of `plasmite`.
 */
import type { CommandRow, OptionRow, PositionalRow } from "../commandTable.js"
import {
  allCommands,
  briefly,
  type Candidates,
  HELP_BRIEFLY,
  nextWords,
  optionCandidates,
  optionNames,
  positionalCandidates,
  type Spelled,
  VERSION_BRIEFLY
} from "./candidates.js"
import { script } from "./script.js"

const quote = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`

/** The arguments of `complete` that say what is offered. `-x`: a value must follow, and it is not just any file. */
const offer = (candidates: Candidates): string => {
  switch (candidates._tag) {
    case "Words":
      return `-x -a ${quote(candidates.words.join(" "))}`
    case "Files":
      return "-r -F"
    case "Directories":
      return "-x -a '(__fish_complete_directories)'"
    case "Pools":
      return "-a '(__plasmite_pools)'"
    case "Commands":
      return "-a '(__plasmite_topics)'"
    case "Nothing":
      return "-x"
  }
}

const line = (condition: string, ...parts: ReadonlyArray<string>): string =>
  ["complete -c plasmite", `-n ${quote(condition)}`, ...parts].join(" ")

const optionLine = (condition: string, option: OptionRow): string => {
  const short = option.short === undefined ? [] : [`-s ${option.short.slice(1)}`]
  const value = option.kind._tag === "Flag" ? [] : [offer(optionCandidates(option))]
  return line(condition, ...short, `-l ${option.long.slice(2)}`, ...value, `-d ${quote(briefly(option))}`)
}

/** True for a command in any of its spellings. */
const isCommand = ({ spellings }: Spelled): string =>
  `__plasmite_is ${spellings.map((spelling) => `"${spelling}"`).join(" ")}`

const positionalLines = (command: Spelled): ReadonlyArray<string> =>
  command.row.positionals.flatMap((positional: PositionalRow, position) => {
    const candidates = positionalCandidates(positional)
    if (candidates._tag === "Nothing") return []
    const place = `__plasmite_at ${position} ${positional.repeatable ? "or-later" : "only"}`
    const offered = candidates._tag === "Words" ? `-a ${quote(candidates.words.join(" "))}` : offer(candidates)
    return [line(`${isCommand(command)}; and ${place}`, offered)]
  })

const wordLines = (condition: string, row: CommandRow): ReadonlyArray<string> =>
  row.commands.map((command) => line(condition, `-a ${command.words.at(-1) ?? ""}`, `-d ${quote(briefly(command))}`))

const commandLines = (command: Spelled): ReadonlyArray<string> => {
  const condition = isCommand(command)
  return [
    ...command.row.options.map((option) => optionLine(condition, option)),
    ...wordLines(condition, command.row),
    ...positionalLines(command)
  ]
}

const topicCase = ({ spellings, row }: Spelled): string => `        case ${spellings.map(quote).join(" ")}
            printf '%s\\n' ${nextWords(row).join(" ")}`

export const fishScript = (root: CommandRow): string => {
  const commands = allCommands(root)
  const groups = commands.filter(({ row }) => row.commands.length > 0)
  const valued = [root, ...commands.map(({ row }) => row)]
    .flatMap((row) => row.options)
    .filter((option) => option.kind._tag !== "Flag")
    .flatMap(optionNames)
  const atRoot = `__plasmite_is ""`
  return `# fish completion for plasmite and pls, made by \`plasmite completion fish\`.

# Options that take the word after them.
set -g __plasmite_valued ${[...new Set(valued)].join(" ")}
# Commands that are followed by another word.
set -g __plasmite_groups ${groups.flatMap(({ spellings }) => spellings).join(" ")}
${RUNTIME}
complete -c plasmite -e
complete -c pls -e
complete -c pls -w plasmite
complete -c plasmite -f
${[
  ...root.options.map(
    (option) => `complete -c plasmite ${optionLine("", option).slice("complete -c plasmite -n '' ".length)}`
  ),
  `complete -c plasmite -s h -l help -d ${quote(HELP_BRIEFLY)}`,
  line(atRoot, "-s V -l version", `-d ${quote(VERSION_BRIEFLY)}`),
  ...wordLines(atRoot, root),
  ...commands.flatMap(commandLines)
].join("\n")}

# The words that help can be asked about.
function __plasmite_topics
    __plasmite_read
    switch "$__plasmite_positionals"
        case ''
            printf '%s\\n' ${nextWords(root).join(" ")}
${groups.map(topicCase).join("\n")}
    end
end
`
}

const RUNTIME = script`
# Sets __plasmite_typed to the words of the command, __plasmite_positionals to the positionals before the cursor.
function __plasmite_read
    set -g __plasmite_typed
    set -g __plasmite_positionals
    set -l skip no
    set -l plain no
    set -l complete no
    for token in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
        else if test $plain = no; and test "$token" = --
            set plain yes
        else if test $plain = no; and contains -- "$token" $__plasmite_valued
            set skip yes
        else if test $plain = no; and string match -q -- '-?*' "$token"
            continue
        else if test $complete = no
            set -a __plasmite_typed $token
            contains -- "$__plasmite_typed" $__plasmite_groups; or set complete yes
        else
            set -a __plasmite_positionals $token
        end
    end
end

# True if one of the arguments is the command typed.
function __plasmite_is
    __plasmite_read
    contains -- "$__plasmite_typed" $argv
end

# True at a position, counted from 0, or from there on.
function __plasmite_at
    __plasmite_read
    set -l position (count $__plasmite_positionals)
    test $position -eq $argv[1]; or begin
        test $argv[2] = or-later; and test $position -ge $argv[1]
    end
end

# The names of the pools in the directory typed, or in the default one; paths once a slash is typed.
function __plasmite_pools
    if string match -q -- '*/*' (commandline -ct)
        __fish_complete_path (commandline -ct)
        return
    end
    set -l directory
    set -l tokens (commandline -opc)
    for index in (seq (count $tokens))
        if test "$tokens[$index]" = --dir; and test $index -lt (count $tokens)
            set directory $tokens[(math $index + 1)]
        else if string match -q -- '--dir=*' "$tokens[$index]"
            set directory (string replace -- --dir= '' "$tokens[$index]")
        end
    end
    test -n "$directory"; or set directory "$PLASMITE_DIR"
    test -n "$directory"; or set directory "$HOME/.plasmite/pools"
    set directory (string replace -r '^~(?=/|$)' "$HOME" -- "$directory")
    for file in $directory/*.plasmite
        test -f "$file"; and string replace -r '.*/(.*)\.plasmite$' '$1' -- "$file"
    end
end
`
