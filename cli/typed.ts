/**
 * A command line as its author typed it, kept so that advice can repeat it: "the exact command" is the same
 * words in the same spelling with something added. Nothing here is interpreted.
 */
import { commandName } from "./usageText.js"

export interface Typed {
  /** The command as spelled: `["feed"]`, `["pool", "create"]`. */
  readonly words: ReadonlyArray<string>
  readonly positionals: ReadonlyArray<string>
  /** Options and their values, token by token. */
  readonly options: ReadonlyArray<string>
  /** The global ones among them, token by token. */
  readonly globals: ReadonlyArray<string>
}

const PLAIN_TOKEN = /^[A-Za-z0-9_./:=-]+$/

const token = (typed: string): string => (PLAIN_TOKEN.test(typed) ? typed : JSON.stringify(typed))

/**
 * The call as one line to paste, with `inserted` options right after the first positional. Global options go
 * last, so that the line always begins with the command and its pool.
 */
export const exactCommand = (typed: Typed, inserted: ReadonlyArray<string> = []): string => {
  const [first, ...rest] = typed.positionals
  const options = [...inserted, ...typed.options]
  const parts = [commandName(typed.words)]
  // Behind `--` nothing is an option, so positionals that look like one force all of them there.
  if (typed.positionals.some((positional) => positional.startsWith("-") && positional !== "-")) {
    parts.push(...[...options, ...typed.globals, "--", ...typed.positionals].map(token))
  } else {
    if (first !== undefined) parts.push(token(first))
    parts.push(...[...options, ...rest, ...typed.globals].map(token))
  }
  return parts.join(" ")
}
