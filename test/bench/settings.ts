/** What the command line asks for. */
import * as path from "node:path"
import { parseArgs } from "node:util"

export interface Settings {
  readonly rounds: number
  /** Rows, or entries, whose name matches. */
  readonly only: RegExp | undefined
  readonly check: boolean
  readonly writeDocs: boolean
  /** Where pools and other files are put while it runs. */
  readonly directory: string | undefined
}

export const usage = `npm run bench -- [options]
  --rounds N     rounds per row, at least (default 5)
  --only REGEX   only rows with such a name
  --check        end with status 1, and say which, if a row falls short of its bar
  --write-docs   put the table and the plots into docs/
  --dir PATH     measure there instead of in the system's temporary directory`

export const readSettings = (args: ReadonlyArray<string>): Settings => {
  const { values } = parseArgs({
    args: args.filter((argument) => argument !== "--"),
    options: {
      rounds: { type: "string", default: "5" },
      only: { type: "string" },
      check: { type: "boolean", default: false },
      "write-docs": { type: "boolean", default: false },
      dir: { type: "string" }
    }
  })
  const rounds = Number(values.rounds)
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: not a number of rounds`)
  return {
    rounds,
    only: values.only === undefined ? undefined : new RegExp(values.only, "i"),
    check: values.check,
    writeDocs: values["write-docs"],
    directory: values.dir === undefined ? undefined : path.resolve(values.dir)
  }
}
