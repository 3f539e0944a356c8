/**
 * What every complaint about a command line shares: reason `Usage`, one line, and a hint that names the help
 * page of the command as it was spelled.
 */
import { PoolError } from "../src/PoolError.js"
import { usageHint } from "./usageText.js"

/**
 * A `Usage` failure of the command spelled `words`. `advice`, if any, comes first; a full stop is not part of it.
 */
export const usageError = (words: ReadonlyArray<string>, message: string, advice?: string): PoolError =>
  new PoolError({ reason: "Usage", message, hint: usageHint(words, advice) })
