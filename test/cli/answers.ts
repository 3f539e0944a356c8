// What the programs print, as values: messages, errors, notices, reports. Reading is strict about form (one JSON value
// per line, nothing besides) and lenient about fields nobody asked for.
import { assert } from "vitest"
import type { Outcome } from "./harness.js"

export interface Message {
  readonly seq: number
  readonly time: string
  readonly meta: { readonly tags: ReadonlyArray<string> }
  readonly data: Readonly<Record<string, unknown>>
}

export interface Failure {
  readonly kind: string
  readonly message: string
  readonly hint: string
  readonly path?: string
  readonly seq?: number
  readonly causes?: ReadonlyArray<string>
  readonly line?: number
  readonly index?: number
}

export interface Notice {
  readonly kind: string
  readonly time: string
  readonly cmd: string
  readonly pool: string
  readonly message: string
  readonly details: Readonly<Record<string, number | string | boolean | undefined>>
}

export interface PoolInfo {
  readonly name: string
  readonly path: string
  readonly file_size: number
  readonly index_capacity: number
  readonly index_size_bytes: number
  readonly ring_offset: number
  readonly ring_size: number
  readonly bounds: { readonly oldest?: number; readonly newest?: number }
  readonly metrics: {
    readonly message_count: number
    readonly seq_span: number
    readonly utilization: { readonly used_bytes: number; readonly free_bytes: number; readonly used_percent: number }
    readonly age: Readonly<Record<string, number | string | null>>
  }
}

export interface DoctorReport {
  readonly pool_ref: string
  readonly path: string
  readonly status: string
  readonly last_good_seq: number | null
  readonly issue_count: number
  readonly issues: ReadonlyArray<{ readonly code: string; readonly message: string }>
  readonly remediation_hints: ReadonlyArray<string>
}

/** Every line on its own is one JSON value. */
export const jsonLines = (text: string): Array<unknown> => {
  if (text === "") return []
  assert(text.endsWith("\n"), `the last line is not ended: ${text.slice(-200)}`)
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => {
      try {
        return JSON.parse(line) as unknown
      } catch {
        return assert.fail(`not a line of JSON: ${line}`)
      }
    })
}

export const messages = (text: string): Array<Message> => jsonLines(text) as Array<Message>

/** The one line that the text must be. */
export const oneLine = <A>(text: string): A => {
  const values = jsonLines(text)
  assert.strictEqual(values.length, 1, `not one line: ${text}`)
  return values[0] as A
}

export const seqs = (text: string): Array<number> => messages(text).map((message) => message.seq)
export const payloads = (text: string): Array<unknown> => messages(text).map((message) => message.data)
export const tags = (text: string): Array<ReadonlyArray<string>> => messages(text).map((message) => message.meta.tags)

export const notices = (text: string): Array<Notice> =>
  (jsonLines(text) as Array<{ readonly notice?: Notice }>).flatMap(({ notice }) => (notice === undefined ? [] : notice))

export const succeeded = (outcome: Outcome): Outcome => {
  assert.deepEqual([outcome.code, outcome.signal], [0, null], `${outcome.stdout}${outcome.stderr}`)
  return outcome
}

const exitCodes: Readonly<Record<string, number>> = {
  Internal: 1,
  Usage: 2,
  NotFound: 3,
  AlreadyExists: 4,
  Busy: 5,
  Permission: 6,
  Corrupt: 7,
  Io: 8,
  RetentionGap: 9
}

/** The error of a call that failed with this kind, its status included; the last line of stderr. */
export const failed = (outcome: Outcome, kind: string): Failure => {
  assert.deepEqual([outcome.code, outcome.signal], [exitCodes[kind], null], `${outcome.stdout}${outcome.stderr}`)
  const { error } = jsonLines(outcome.stderr).at(-1) as { readonly error: Failure }
  assert.strictEqual(error.kind, kind)
  assert.match(error.message, /^[^\n]+$/)
  return { ...error, hint: error.hint ?? "" }
}

/** The same for a call that had nothing to show before it failed: no result, and one error. */
export const refused = (outcome: Outcome, kind: string): Failure => {
  assert.strictEqual(outcome.stdout, "")
  oneLine(outcome.stderr)
  return failed(outcome, kind)
}

export const timedOut = (outcome: Outcome): Outcome => {
  assert.deepEqual([outcome.code, outcome.signal, outcome.stderr], [124, null, ""], outcome.stdout)
  return outcome
}

export const hasColor = (text: string): boolean => text.includes("\u001b[")
