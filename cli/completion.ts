/**
 * Completion scripts, made from the table of commands. A script is self-contained: it needs its shell and, for the
 * names of pools, the pool directory; it never runs the program, writes nothing and is silent on stderr.
 */
import type { Shell } from "./arguments.js"
import type { CommandRow } from "./commandTable.js"
import { bashScript } from "./completion/bash.js"
import { fishScript } from "./completion/fish.js"
import { zshScript } from "./completion/zsh.js"

/** The script for one shell, for both names of the program. Ends in a newline. */
export const completionScript = (shell: Shell, root: CommandRow): string => {
  switch (shell) {
    case "bash":
      return bashScript(root)
    case "zsh":
      return zshScript(root)
    case "fish":
      return fishScript(root)
  }
}
