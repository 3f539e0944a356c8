/**
 * What no tail can be made of. The types say so too; but a start may come from a text that is no date, and programs
 * without types have tails as well. Looked at once, when a tail is asked for.
 */
import type { TailFrom, TailSelection } from "../EncodedPool.js"
import { PoolError } from "../PoolError.js"

/** `undefined` when there is none. */
export const selectionProblem = ({ from, tags, where }: TailSelection): PoolError | undefined =>
  (from === undefined ? undefined : startProblem(from)) ??
  listProblem("tags", tags, 'Tags are an array of strings, such as ["image", "urgent"].') ??
  listProblem("where", where, "Filters are an array of jq expressions, such as ['.data.level == \"error\"'].")

const refused = (message: string, hint: string): PoolError => new PoolError({ reason: "Usage", message, hint })

const startHint = 'Start "now", "oldest", or at { seq: 7 }, { time: new Date(…) } or { last: 10 }.'

/** Of a value that may be anything. */
const startProblem = (from: unknown): PoolError | undefined => {
  if (from === "now" || from === "oldest") return undefined
  if (typeof from !== "object" || from === null) return refused(`a tail cannot start at ${spelled(from)}`, startHint)
  const start: { readonly [Member in Members<TailFrom>]?: unknown } = from
  if ("time" in start) return timeProblem(start.time)
  const [member, value] = "seq" in start ? (["seq", start.seq] as const) : (["last", start.last] as const)
  return typeof value === "number" && !Number.isNaN(value)
    ? undefined
    : refused(`a tail cannot start at ${member} ${spelled(value)}: that is no number`, startHint)
}

type Members<A> = A extends string ? never : keyof A

const timeProblem = (time: unknown): PoolError | undefined => {
  if (typeof time === "bigint") return undefined
  if (!(time instanceof Date))
    return refused(`a tail cannot start at the time ${spelled(time)}: it is no Date`, startHint)
  return Number.isNaN(time.getTime())
    ? refused("a tail cannot start at an invalid Date", "The text that it was made of is no date: check it.")
    : undefined
}

const listProblem = (member: string, list: unknown, hint: string): PoolError | undefined =>
  list === undefined || (Array.isArray(list) && list.every((entry) => typeof entry === "string"))
    ? undefined
    : refused(`${member} of a tail must be an array of strings`, hint)

const spelled = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value))
