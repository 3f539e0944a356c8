// The colour of complaints, which may be about the very command line that names it.
import { COLOR_MODES, type ColorMode } from "./arguments.js"

/**
 * The `--color` of a command line that may be wrong, for dressing the complaint about it. The last one that makes
 * sense counts.
 */
export const colorOf = (argv: ReadonlyArray<string>): ColorMode => {
  const end = argv.indexOf("--")
  let color: ColorMode = "auto"
  argv.slice(0, end === -1 ? undefined : end).forEach((token, index, tokens) => {
    const value = token === "--color" ? tokens[index + 1] : token.startsWith("--color=") ? token.slice(8) : undefined
    color = COLOR_MODES.find((mode) => mode === value) ?? color
  })
  return color
}
