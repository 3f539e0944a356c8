/**
 * Reads a Markdown document as something to run: `console` blocks are commands with the output they must have, `ts`
 * blocks are programs, also those in comments of sources. In expected output `…` stands for anything within a line, a line of just `…` for any lines, and
 * a time for any time.
 */
import * as fs from "node:fs"

export interface Step {
  readonly command: string
  readonly expected: ReadonlyArray<string>
}

export interface ConsoleBlock {
  readonly line: number
  readonly steps: ReadonlyArray<Step>
}

export interface CodeBlock {
  readonly line: number
  readonly code: string
}

export interface Document {
  readonly consoles: ReadonlyArray<ConsoleBlock>
  readonly programs: ReadonlyArray<CodeBlock>
  /** The commands of `sh` blocks, which are shown without output. */
  readonly shell: ReadonlyArray<string>
}

export const readDocument = (file: string): Document => {
  const consoles: Array<ConsoleBlock> = []
  const programs: Array<CodeBlock> = []
  const shell: Array<string> = []
  const lines = fs.readFileSync(file, "utf8").split("\n")
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(\w+)/.exec(lines[at]!)
    if (fence === null) continue
    const start = at + 1
    while (lines[++at] !== "```") if (at >= lines.length) throw new Error(`${file}:${start}: the block has no end`)
    const body = lines.slice(start, at)
    if (fence[1] === "console") consoles.push({ line: start, steps: readSteps(body) })
    else if (fence[1] === "ts") programs.push({ line: start, code: body.join("\n") })
    else if (fence[1] === "sh") shell.push(...body.filter((line) => line !== "" && !line.startsWith("#")))
  }
  return { consoles, programs, shell }
}

/** The `ts` examples in the comments of a source file. */
export const readExamples = (file: string): Array<CodeBlock> => {
  const lines = fs.readFileSync(file, "utf8").split("\n")
  const examples: Array<CodeBlock> = []
  for (let at = 0; at < lines.length; at++) {
    if (lines[at]!.trim() !== "* ```ts") continue
    const start = at + 1
    const code: Array<string> = []
    while (lines[++at]!.trim() !== "* ```") code.push(lines[at]!.replace(/^ *\* ?/, ""))
    examples.push({ line: start, code: code.join("\n") })
  }
  return examples
}

const readSteps = (lines: ReadonlyArray<string>): Array<Step> => {
  const steps: Array<{ command: string; expected: Array<string> }> = []
  for (const line of lines) {
    const last = steps.at(-1)
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), expected: [] })
    else if (line.startsWith("> ") && last?.expected.length === 0) last.command += `\n${line.slice(2)}`
    else if (last === undefined) throw new Error(`output before the first command: ${line}`)
    else last.expected.push(line)
  }
  return steps
}

const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** The expected output as a pattern. */
export const pattern = (expected: ReadonlyArray<string>): RegExp =>
  new RegExp(
    `^${expected
      .map((line) =>
        line === "…"
          ? "(?:.*\\n)*?"
          : `${line.replace(time, "\u0000").split("…").map(escaped).join(".*").replaceAll("\u0000", time.source)}\\n`
      )
      .join("")}$`
  )
