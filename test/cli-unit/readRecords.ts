// Reads whole inputs through a record reader, for the tests of the input formats. Chunks are scribbled over after each
// push, so that a reader that keeps one is found out.
import type { InputFailure, InputItem, InputMode, Parsed } from "../../cli/input/inputItem.js"
import { makeRecordReader } from "../../cli/input/recordReader.js"

export type Items = ReadonlyArray<InputItem<unknown>>

/** What `poke` does, in small: JSON or not; anything that is JSON is a record. */
export const parseJson = (text: string): Parsed<unknown> => {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false, message: "not JSON" }
  }
}

export interface ReadOptions {
  readonly resume?: boolean
  readonly maxRecordBytes?: number
  readonly parse?: (text: string) => Parsed<unknown>
  /** Where the input is cut into chunks. */
  readonly cuts?: ReadonlyArray<number>
}

export const bytesOf = (input: string | Uint8Array): Uint8Array =>
  typeof input === "string" ? new TextEncoder().encode(input) : input

export const readAll = (
  mode: InputMode,
  input: string | Uint8Array,
  { cuts = [], maxRecordBytes, parse = parseJson, resume = false }: ReadOptions = {}
): { readonly items: Items; readonly isEmpty: boolean } => {
  const bytes = bytesOf(input)
  const reader = makeRecordReader<unknown>({
    mode,
    resume,
    parse,
    ...(maxRecordBytes === undefined ? {} : { maxRecordBytes })
  })
  const items: Array<InputItem<unknown>> = []
  const edges = [0, ...cuts, bytes.length].toSorted((one, other) => one - other)
  for (let edge = 1; edge < edges.length; edge++) {
    const chunk = Buffer.from(bytes.slice(edges[edge - 1], edges[edge]))
    items.push(...reader.push(chunk))
    chunk.fill(0x21)
  }
  items.push(...reader.end())
  return { items, isEmpty: reader.isEmpty }
}

/** Only what was read: values, and the kinds of failures. */
export const outline = (items: Items): ReadonlyArray<unknown> =>
  items.map((item) => (item._tag === "Record" ? item.value : item.kind))

export const failuresOf = (items: Items): ReadonlyArray<InputFailure> => items.filter((item) => item._tag === "Failure")
