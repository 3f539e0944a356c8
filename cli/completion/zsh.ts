/**
 * The zsh script: one `_arguments` call per command, generated, under a function that finds the command. It works
 * from a directory of `$fpath` as well as sourced, with or without the completion system loaded.
 */
import type { CommandRow, OptionRow, PositionalRow } from "../commandTable.js"
import {
  allCommands,
  briefly,
  type Candidates,
  HELP_BRIEFLY,
  optionCandidates,
  optionNames,
  positionalCandidates,
  type Spelled,
  VERSION_BRIEFLY
} from "./candidates.js"
import { runsAlone } from "../grammar.js"
import { script } from "./script.js"

/** Text between single quotes. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Text inside a specification, where brackets and colons have a meaning. */
const plain = (text: string): string => text.replace(/[\\[\]:]/g, "\\$&")

const action = (candidates: Candidates): string => {
  switch (candidates._tag) {
    case "Words":
      return `(${candidates.words.join(" ")})`
    case "Files":
      return "_files"
    case "Directories":
      return "_files -/"
    case "Pools":
      return "_plasmite_pools"
    case "Commands":
      return "_plasmite_commands"
    case "Nothing":
      return ""
  }
}

const optionSpec = (option: OptionRow): string => {
  const explanation = `[${plain(briefly(option))}]`
  const isFlag = option.kind._tag === "Flag"
  const value = isFlag ? "" : `:${option.value}:${action(optionCandidates(option))}`
  const long = isFlag ? option.long : `${option.long}=`
  if (option.short === undefined) return quote(`${option.repeatable ? "*" : ""}${long}${explanation}${value}`)
  const short = isFlag ? option.short : `${option.short}+`
  const exclusive = option.repeatable ? "*" : `(${option.short} ${option.long})`
  return `${quote(exclusive)}{${short},${long}}${quote(`${explanation}${value}`)}`
}

const positionalSpec = (positional: PositionalRow, position: number): string => {
  const place = positional.repeatable ? "*" : String(position + 1)
  const separator = positional.required || positional.repeatable ? ":" : "::"
  return quote(`${place}${separator}${positional.name}:${action(positionalCandidates(positional))}`)
}

const helpSpec = quote(`(- *)`) + `{-h,--help}` + quote(`[${HELP_BRIEFLY}]`)
const versionSpec = quote(`(- *)`) + `{-V,--version}` + quote(`[${VERSION_BRIEFLY}]`)

const commandSpec = quote("1:command:_plasmite_commands")

const argumentsCall = (specs: ReadonlyArray<string>): string =>
  ["_arguments -s -S", ...specs.map((spec) => `        ${spec}`)].join(" \\\n")

const commandCase = (root: CommandRow, { spellings, row }: Spelled): string => {
  const specs = [...row.options, ...root.options]
    .map(optionSpec)
    .concat(helpSpec, runsAlone(row) ? commandSpec : row.positionals.map(positionalSpec))
  return `    (${spellings.map((spelling) => spelling.replaceAll(" ", "\\ ")).join("|")})
      ${argumentsCall(specs)} && ret=0
      ;;`
}

const describe = (rows: ReadonlyArray<CommandRow>): string =>
  rows.map((row) => `        ${quote(`${plain(row.words.at(-1) ?? "")}:${briefly(row)}`)}`).join("\n")

/** Commands are offered by the group they belong to. */
const groupCase = ({ spellings, row }: Spelled): string => `    (${spellings.join("|")})
      commands=(
${describe(row.commands)}
      )
      ;;`

export const zshScript = (root: CommandRow): string => {
  const commands = allCommands(root)
  const groups = commands.filter(({ row }) => row.commands.length > 0)
  const runnable = commands.filter(({ row }) => row.commands.length === 0 || runsAlone(row))
  return `#compdef plasmite pls
# zsh completion for plasmite and pls, made by \`plasmite completion zsh\`.

# The commands that may follow the words of a command, or the words that help is asked about.
_plasmite_commands() {
  local topic=$plasmite_command
  local -a commands
  [[ $topic == help ]] && topic="$words[2,CURRENT-1]"
  case $topic in
    ('')
      commands=(
${describe(root.commands)}
      )
      ;;
${groups.map(groupCase).join("\n")}
    (*) return 1 ;;
  esac
  _describe -t commands 'plasmite command' commands
}
${POOLS}
_plasmite() {
  local plasmite_command='' plasmite_directory='' word
  integer index ret=1
${FIND_COMMAND(root, groups)}
  case $plasmite_command in
${runnable.map((command) => commandCase(root, command)).join("\n")}
    (*)
      ${argumentsCall([...root.options.map(optionSpec), helpSpec, versionSpec, commandSpec])} && ret=0
      ;;
  esac
  return ret
}
${START}`
}

const POOLS = script`
# The names of the pools in the directory typed, or in the default one; paths as well.
_plasmite_pools() {
  local directory=@{plasmite_directory:-@{PLASMITE_DIR:-@{HOME:-}/.plasmite/pools}}
  local -a pools
  directory=@{directory/#\~/@{HOME:-}}
  pools=($directory/*.plasmite(N-.:t:r))
  _alternative 'pools:pool:compadd -a pools' 'files:file:_files -g "*.plasmite(-.)"'
}
`

/**
 * The words of the command are taken off the line, so that `_arguments` sees the command as if it were a program of
 * its own; what was typed before them counts no more, but for the pool directory.
 */
const FIND_COMMAND = (root: CommandRow, groups: ReadonlyArray<Spelled>): string =>
  `${script`
  for (( index = 2; index < CURRENT; index++ )); do
    word=$words[index]
    case $word in
      (--dir) (( index + 1 < CURRENT )) && plasmite_directory=@{(Q)words[index+1]} ;;
      (--dir=*) plasmite_directory=@{(Q)word#--dir=} ;;
      (--) break ;;
    esac
  done
  for (( index = 2; index < CURRENT; index++ )); do
    word=$words[index]
    case $word in
      (`}${valuedOptions([root, ...groups.map(({ row }) => row)]).join("|")}${script`) (( index++ )) ;;
      (-*) ;;
      (*)
        plasmite_command=@{plasmite_command:+$plasmite_command }$word
        (( CURRENT -= index - 1 ))
        shift $(( index - 1 )) words
        index=1`}
        case $plasmite_command in
          (${groups.flatMap(({ spellings }) => spellings).join("|")}) ;;
          (*) break ;;
        esac
        ;;
    esac
  done`

/** Options that take the word after them, of rows that may be followed by a command. */
const valuedOptions = (rows: ReadonlyArray<CommandRow>): ReadonlyArray<string> =>
  rows.flatMap(({ options }) => options.filter(({ kind }) => kind._tag !== "Flag").flatMap(optionNames))

const START = script`
# As a file of fpath this is the body of the function; sourced, it announces the function.
if [[ @{funcstack[1]-} == _plasmite ]]; then
  _plasmite "$@"
elif (( $+functions[compdef] )); then
  compdef _plasmite plasmite pls
fi
`
