/**
 * How a command is called, on one line: `plasmite poke [OPTIONS] POOL [DATA]`, in the spelling of the row.
 */
import type { CommandRow, PositionalRow } from "./commandTable.js"
import { commandName } from "./usageError.js"

const positional = (row: PositionalRow): string => {
  const name = row.repeatable ? `${row.name}...` : row.name
  return row.required ? name : `[${name}]`
}

export const usageLine = (row: CommandRow): string => {
  const parts = [commandName(row.words)]
  if (row.options.length > 0) parts.push("[OPTIONS]")
  if (row.commands.length > 0) parts.push("COMMAND")
  return [...parts, ...row.positionals.map(positional)].join(" ")
}
