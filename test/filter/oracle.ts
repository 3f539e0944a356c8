/** jq itself over many expressions and messages at once: what each yields, up to its first error. */
import { createRequire } from "node:module"
import type { StoredMessage } from "../../src/EncodedPool.js"
import type { Outputs } from "../../src/internal/filter/fastFilter.js"
import { isArray, isObject, type Value } from "../../src/internal/filter/value.js"
import { envelopeText } from "../../src/internal/envelope.js"

interface JqWasm {
  readonly raw: (
    json: string,
    query: string,
    flags: ReadonlyArray<string>
  ) => Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }>
}

const { raw } = createRequire(import.meta.url)("jq-wasm") as JqWasm

/** An output comes in brackets, an error as `"error"`. */
export type JqOutputs = ReadonlyArray<readonly [unknown] | "error">

/** For each message, for each expression; undefined when one of the expressions does not compile. */
export const runJq = async (
  expressions: ReadonlyArray<string>,
  messages: ReadonlyArray<StoredMessage>
): Promise<ReadonlyArray<ReadonlyArray<JqOutputs>> | undefined> => {
  const program = `[${expressions.map((text) => `[try ((${text}\n) | [.]) catch "error"]`).join(", ")}]`
  const { stderr, stdout } = await raw(messages.map(envelopeText).join("\n"), program, ["-c"])
  if (stderr.includes("compile error")) return undefined
  const lines = stdout.trim().split("\n")
  if (stderr !== "" || lines.length !== messages.length) throw new Error(`jq failed: ${stderr}\n${program}`)
  return lines.map((line) => JSON.parse(line) as ReadonlyArray<JqOutputs>)
}

export const compilesInJq = async (expression: string): Promise<boolean> => {
  const { stderr } = await raw("null", `def f: (${expression}\n); empty`, ["-c"])
  return !stderr.includes("compile error")
}

/** Whether the outputs are those of jq. What is unsure of its end has to agree as far as it goes. */
export const agrees = ({ end, values }: Outputs, jq: JqOutputs): boolean => {
  const failed = jq.at(-1) === "error"
  const count = failed ? jq.length - 1 : jq.length
  if (end === "unsure" ? values.length > count : values.length !== count || failed !== (end === "failed")) return false
  return values.every((value, index) => sameValue(value, (jq[index] as readonly [unknown])[0]))
}

const sameValue = (value: Value, json: unknown): boolean => {
  if (isArray(value)) {
    return (
      Array.isArray(json) &&
      json.length === value.length &&
      value.every((inner, index) => sameValue(inner, json[index]))
    )
  }
  if (isObject(value)) {
    if (typeof json !== "object" || json === null || Array.isArray(json)) return false
    const members = new Map(Object.entries(json))
    return members.size === value.size && [...value].every(([key, inner]) => sameValue(inner, members.get(key)))
  }
  return value === json
}
