/**
 * What every complaint about a command line shares: reason `Usage`, one line, and a hint that names the help
 * page of the command as it was spelled.
 */
import { PoolError } from "../src/PoolError.js"

/** The program's name in everything printed, whichever of its two names was typed. */
export const PROGRAM = "plasmite"

const SHOWN_CHARACTERS_MAX = 80

/** What was typed, for a message: in quotes, on one line, and short even if it was a document. */
export const quoted = (typed: string): string =>
  JSON.stringify(typed.length > SHOWN_CHARACTERS_MAX ? `${typed.slice(0, SHOWN_CHARACTERS_MAX)}…` : typed)

/** `plasmite`, then the words of a command. */
export const commandName = (words: ReadonlyArray<string>): string => [PROGRAM, ...words].join(" ")

/**
 * A `Usage` failure of the command spelled `words`. `advice`, if any, comes first; a full stop is not part of it.
 */
export const usageError = (words: ReadonlyArray<string>, message: string, advice?: string): PoolError => {
  const pointer = `try \`${commandName(words)} --help\``
  const before = advice === undefined ? "" : advice.endsWith("?") ? `${advice} ` : `${advice}; `
  return new PoolError({ reason: "Usage", message, hint: before + pointer })
}
