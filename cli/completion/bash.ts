/**
 * The bash script, for bash 3.2 and later. Three generated tables answer what may follow a command, what an option
 * takes and what a positional is; the function over them is the same for every program.
 */
import type { CommandRow, OptionRow } from "../commandTable.js"
import {
  allCommands,
  type Candidates,
  nextWords,
  optionCandidates,
  optionNames,
  positionalCandidates,
  type Spelled
} from "./candidates.js"
import { script } from "./script.js"

/** One branch of a `case`: `'poke --in' | 'feed --in') answer='words auto jsonl' ;;` */
const branch = (patterns: ReadonlyArray<string>, answer: string): string =>
  `    ${patterns.join(" | ")}) answer='${answer}' ;;`

const rule = (keys: ReadonlyArray<string>, answer: string): string =>
  branch(
    keys.map((key) => `'${key}'`),
    answer
  )

const answerOf = (candidates: Candidates): string =>
  candidates._tag === "Words" ? `words ${candidates.words.join(" ")}` : candidates._tag.toLowerCase()

const keysOf = ({ spellings }: Spelled, suffixes: ReadonlyArray<string>): ReadonlyArray<string> =>
  spellings.flatMap((spelling) => suffixes.map((suffix) => `${spelling} ${suffix}`))

const optionRules = (command: Spelled): ReadonlyArray<string> =>
  command.row.options
    .filter((option) => option.kind._tag !== "Flag")
    .map((option) => rule(keysOf(command, optionNames(option)), answerOf(optionCandidates(option))))

/** Global options mean the same everywhere, so their rules look at the option only. */
const globalRule = (option: OptionRow): string =>
  branch(
    optionNames(option).map((name) => `*' ${name}'`),
    answerOf(optionCandidates(option))
  )

/** A repeatable positional comes last, so its rule may take every position that is left. */
const positionalRules = (command: Spelled): ReadonlyArray<string> =>
  command.row.positionals.flatMap((positional, position) => {
    const answer = answerOf(positionalCandidates(positional))
    if (answer === "nothing") return []
    const keys = command.spellings.map((spelling) =>
      positional.repeatable ? `'${spelling} '*` : `'${spelling} ${position}'`
    )
    return [branch(keys, answer)]
  })

export const bashScript = (root: CommandRow): string => {
  const commands = allCommands(root)
  const groups = commands.filter(({ row }) => row.commands.length > 0)
  const globals = root.options.flatMap(optionNames)
  return `# bash completion for plasmite and pls, made by \`plasmite completion bash\`.

# The words that may follow a command; none if it has positionals instead.
_plasmite_words() {
  case "$1" in
${rule([""], nextWords(root).join(" "))}
${groups.map(({ row, spellings }) => rule(spellings, nextWords(row).join(" "))).join("\n")}
    *) answer='' ;;
  esac
}

# The options of a command.
_plasmite_options() {
  case "$1" in
${rule([""], [...globals, "-h", "--help", "-V", "--version"].join(" "))}
${commands
  .map(({ row, spellings }) =>
    rule(spellings, [...row.options.flatMap(optionNames), ...globals, "-h", "--help"].join(" "))
  )
  .join("\n")}
    *) answer='' ;;
  esac
}

# What an option of a command takes: "flag" if it takes nothing.
_plasmite_option() {
  case "$1 $2" in
${root.options.map(globalRule).join("\n")}
${commands.flatMap(optionRules).join("\n")}
    *) answer='flag' ;;
  esac
}

# What stands at a position of a command, counted from 0.
_plasmite_positional() {
  case "$1 $2" in
${commands.flatMap(positionalRules).join("\n")}
    *) answer='nothing' ;;
  esac
}
${RUNTIME}
complete -F _plasmite plasmite pls
`
}

/** What all tables have in common. It uses `answer` and other locals of `_plasmite` as bash lets callees do. */
const RUNTIME = script`
# The names of the pools in a directory, one per line.
_plasmite_pools() {
  local directory=$1 file
  [[ -n $directory ]] || directory=@{PLASMITE_DIR-}
  [[ -n $directory ]] || directory=@{HOME-}/.plasmite/pools
  case "$directory" in
    '~' | '~/'*) directory=@{HOME-}@{directory#\~} ;;
  esac
  # In a shell of its own, where the caller's ideas of globbing do not matter.
  (
    set +f
    shopt -u failglob
    shopt -s nullglob
    for file in "$directory"/*.plasmite; do
      [[ -f $file ]] || continue
      file=@{file##*/}
      printf '%s\n' "@{file%.plasmite}"
    done
  ) 2>/dev/null
}

# A word as typed, without its quotes.
_plasmite_unquote() {
  answer=$1
  case "$answer" in
    \'*) answer=@{answer#\'} answer=@{answer%\'} ;;
    \"*) answer=@{answer#\"} answer=@{answer%\"} ;;
  esac
  answer=@{answer//\\/}
}

# Offers the lines of stdin that begin with the value typed; "raw" ones are names that the shell must not expand.
_plasmite_offer() {
  local candidate quoted
  while IFS= read -r candidate; do
    [[ $candidate == "$value"* ]] || continue
    if [[ $1 == raw && $typed != [\'\"]* ]]; then
      printf -v quoted '%q' "$candidate"
      candidate=$quoted
    fi
    candidate=$prefix$candidate
    COMPREPLY+=("@{candidate#"$replaced"}")
  done
}

_plasmite() {
  local IFS=$' \t\n' line=@{COMP_LINE-} answer='' piece rest i
  local -a typed_words=()
  COMPREPLY=()
  if [[ -n $line ]]; then line=@{line:0:@{COMP_POINT:-@{#line}}}; else line=@{COMP_WORDS[*]}; fi
  # Bash splits words at = and :, this program does not: what has no blank before it belongs to the word before.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=@{COMP_WORDS[i]-}
    rest=@{line#"@{line%%[![:space:]]*}"}
    if ((i == COMP_CWORD)); then piece=$rest; fi
    if ((i > 0)) && [[ $rest == "$line" ]]; then
      typed_words[@{#typed_words[@]} - 1]+=$piece
    else
      typed_words[@{#typed_words[@]}]=$piece
    fi
    line=@{rest#"$piece"}
  done

  # What comes before the word in question: the command, the pool directory, and what is expected next.
  local command='' topic='' directory='' expecting='' position=0 plain='' word option
  local last=$((@{#typed_words[@]} - 1))
  for ((i = 1; i < last; i++)); do
    word=@{typed_words[i]}
    if [[ -n $expecting ]]; then
      if [[ $expecting == --dir ]]; then directory=$word; fi
      expecting=''
    elif [[ -z $plain && $word == -- ]]; then
      plain=yes
    elif [[ -z $plain && $word == --*=* ]]; then
      if [[ $word == --dir=* ]]; then directory=@{word#--dir=}; fi
    elif [[ -z $plain && $word == --* ]]; then
      _plasmite_option "$command" "$word"
      if [[ $answer != flag ]]; then expecting=$word; fi
    elif [[ -z $plain && $word == -?* ]]; then
      # Flags may share a dash, and the last of them may want a value.
      rest=@{word#-}
      while [[ -n $rest ]]; do
        option=-@{rest:0:1}
        rest=@{rest:1}
        _plasmite_option "$command" "$option"
        if [[ $answer != flag ]]; then
          if [[ -z $rest ]]; then expecting=$option; fi
          break
        fi
      done
    else
      _plasmite_words "$command"
      if [[ -n $answer ]]; then
        if [[ " $answer " != *" $word "* ]]; then return 0; fi
        command=@{command:+$command }$word
      else
        topic=@{topic:+$topic }$word
        position=$((position + 1))
      fi
    fi
  done

  # The word in question, and the part of it that bash is going to replace.
  local current=@{typed_words[last]} value prefix='' replaced kind=@{COMP_WORDS[COMP_CWORD]-}
  if [[ $kind == [=:] ]]; then kind=''; fi
  if [[ -n @{COMP_LINE-} && $current != *"$kind" ]]; then kind=$current; fi
  replaced=@{current:0:@{#current} - @{#kind}}
  local typed=$current
  if [[ -n $expecting ]]; then
    _plasmite_option "$command" "$expecting"
  elif [[ -z $plain && $current == --*=* ]]; then
    prefix=@{current%%=*}=
    typed=@{current#*=}
    _plasmite_option "$command" "@{current%%=*}"
  elif [[ -z $plain && $current == -* ]]; then
    _plasmite_options "$command"
    answer="words $answer"
  else
    _plasmite_words "$command"
    if [[ -n $answer ]]; then answer="words $answer"; else _plasmite_positional "$command" "$position"; fi
  fi
  kind=$answer
  _plasmite_unquote "$typed"
  value=$answer

  case "$kind" in
    words\ *)
      _plasmite_offer words < <(printf '%s\n' @{kind#words })
      ;;
    commands)
      _plasmite_words "$topic"
      if [[ -n $answer ]]; then _plasmite_offer words < <(printf '%s\n' $answer); fi
      ;;
    pools)
      if [[ $value == */* ]]; then
        compopt -o filenames 2>/dev/null || :
        _plasmite_offer files < <(compgen -f -- "$value" 2>/dev/null)
      else
        _plasmite_unquote "$directory"
        _plasmite_offer raw < <(_plasmite_pools "$answer")
      fi
      ;;
    files | directories)
      compopt -o filenames 2>/dev/null || :
      if [[ $kind == files ]]; then
        _plasmite_offer files < <(compgen -f -- "$value" 2>/dev/null)
      else
        _plasmite_offer files < <(compgen -d -- "$value" 2>/dev/null)
      fi
      ;;
  esac
  return 0
}
`
