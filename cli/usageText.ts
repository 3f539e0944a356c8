/**
 * Words that every complaint about a command line is made of. No error class here: the launcher, which loads nothing,
 * reads the grammar too.
 */

/** The program's name in everything printed, whichever of its two names was typed. */
export const PROGRAM = "plasmite"

const SHOWN_CHARACTERS_MAX = 80

/** What was typed, for a message: in quotes, on one line, and short even if it was a document. */
export const quoted = (typed: string): string =>
  JSON.stringify(typed.length > SHOWN_CHARACTERS_MAX ? `${typed.slice(0, SHOWN_CHARACTERS_MAX)}…` : typed)

/** `plasmite`, then the words of a command. */
export const commandName = (words: ReadonlyArray<string>): string => [PROGRAM, ...words].join(" ")

/** The hint of a complaint about the command spelled `words`. `advice`, if any, comes first, without its full stop. */
export const usageHint = (words: ReadonlyArray<string>, advice?: string): string => {
  const pointer = `try \`${commandName(words)} --help\``
  const before = advice === undefined ? "" : advice.endsWith("?") ? `${advice} ` : `${advice}; `
  return before + pointer
}
