/**
 * Each acceptance statement of the contracts, of servers and their clients and of the page, is held by a test that has its
 * number in its name, before the colon, or waits for something that is named here. Whether a test holds its statement is
 * for readers to judge.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { LATER_COMMANDS } from "../../cli/grammar.js"

const root = path.resolve(import.meta.dirname, "..")

/** Commands that are not there yet, with the statements, or parts of them, that wait for them. */
const waitsFor: Readonly<
  Record<string, { readonly whole: ReadonlyArray<number>; readonly part: ReadonlyArray<number> }>
> = {
  mcp: { whole: [76], part: [72, 75, 117] },
  duplex: { whole: [130], part: [] },
  tap: { whole: [], part: [131] }
}

const testFiles = (folder: string): ReadonlyArray<string> =>
  fs
    .readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => path.join(root, folder, name))

/** Names of tests: the first text of a call of `it`, `row` and so on, or what a table calls `name`. */
const testName = /\b(?:describe\(|it(?:\.\w+)?\(|row\(|spelledRow\(|survives\(|name:)\s*(["`])((?:(?!\1).)*)\1/g

/** What stands before the colon of a name, or is a row's id: numbers, with a letter for one of several, among other marks. */
const numbersOf = (name: string): ReadonlyArray<number> =>
  (/^[\w., -]+?(?=:|$)/.exec(name)?.[0] ?? "")
    .split(", ")
    .flatMap((mark) => (/^\d+[a-z]?$/.test(mark) ? [Number.parseInt(mark, 10)] : []))

const numbersIn = (folders: ReadonlyArray<string>): ReadonlySet<number> =>
  new Set(
    folders
      .flatMap(testFiles)
      .flatMap((file) =>
        Array.from(fs.readFileSync(file, "utf8").matchAll(testName), ([, , name]) => numbersOf(name!)).flat()
      )
  )

const upTo = (last: number): ReadonlyArray<number> => Array.from({ length: last }, (_, index) => index + 1)

describe("acceptance statements", () => {
  it("of servers, their clients and the commands that use them, have tests or wait for a command", () => {
    const held = numbersIn(["http", "client", "cli", "cli-unit"])
    const waiting = Object.values(waitsFor).flatMap(({ whole }) => whole)
    assert.deepStrictEqual(
      upTo(141).filter((number) => !held.has(number)),
      waiting.toSorted((a, b) => a - b)
    )
    for (const number of Object.values(waitsFor).flatMap(({ part }) => part))
      assert.isTrue(held.has(number), `${number}`)
  })

  it("wait for no command that is there", () => {
    assert.sameMembers(Object.keys(waitsFor), [...LATER_COMMANDS])
  })

  it("of the page have tests", () => {
    const held = numbersIn(["browser"])
    assert.deepStrictEqual(
      upTo(35).filter((number) => !held.has(number)),
      []
    )
  })
})
