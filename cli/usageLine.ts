/**
 * How a command is called, on one line: `plasmite poke [OPTIONS] POOL [DATA]`, in the spelling of the row.
 */
import { type CommandGrammar, type PositionalGrammar, runsAlone } from "./grammar.js"
import { commandName } from "./usageText.js"

const positional = (row: PositionalGrammar): string => {
  const name = row.repeatable ? `${row.name}...` : row.name
  return row.required ? name : `[${name}]`
}

export const usageLine = (row: CommandGrammar): string => {
  const parts = [commandName(row.words)]
  if (row.options.length > 0) parts.push("[OPTIONS]")
  if (row.commands.length > 0) parts.push(runsAlone(row) ? "[COMMAND]" : "COMMAND")
  return [...parts, ...row.positionals.map(positional)].join(" ")
}
