/**
 * A call in the one spelling that the argument framework cannot misread: options first, in the order of the tree, every
 * value wrapped, nothing left to interpret.
 */
import { wrap } from "./exactText.js"
import { type CommandGrammar, lastWord, type OptionGrammar, rowsTo } from "./grammar.js"
import type { OptionValues, ReadCall } from "./readArgv.js"
import { PROGRAM } from "./usageText.js"

export const canonicalArgv = (
  root: CommandGrammar,
  { command, positionals, values }: ReadCall<CommandGrammar>
): ReadonlyArray<string> => [
  PROGRAM,
  ...spelled(root.options, values),
  ...rowsTo(root, command.words).flatMap((row) => [
    lastWord(row),
    // An option that a group and its command both have was given to the command.
    ...spelled(
      row.options.filter(({ long }) => row === command || !command.options.some((own) => own.long === long)),
      values
    )
  ]),
  "--",
  ...positionals.map((value, position) => (command.positionals[position]?.kind._tag === "Choice" ? value : wrap(value)))
]

const spelled = (options: ReadonlyArray<OptionGrammar>, values: OptionValues): ReadonlyArray<string> =>
  options.flatMap(({ kind, long }) =>
    (values.get(long) ?? []).flatMap((value) => {
      if (kind._tag === "Flag") return [long]
      // A choice is one of the words of the tree: nothing to hide, and the framework checks it again.
      return [long, kind._tag === "Choice" ? value : wrap(value)]
    })
  )
