/**
 * What comes out of an input stream: records and failures, in input order. A record is the caller's parse of the
 * exact text of one JSON value; a failure says which record it was and why, so that it can be reported or skipped.
 */

/** How records are told apart; `auto` decides at the first line that is not blank. */
export type InputMode = "auto" | FramedMode

/** A mode whose records have known boundaries. */
export type FramedMode = "jsonl" | "json" | "seq" | "event" | "jq"

/** The caller's verdict on the text of one JSON value. */
export type Parsed<A> = { readonly ok: true; readonly value: A } | Unparsed

export interface Unparsed {
  readonly ok: false
  readonly message: string
  /** Offset in characters, when the fault has a place. */
  readonly position?: number
}

export type InputItem<A> = InputRecord<A> | InputFailure

export interface InputRecord<A> {
  readonly _tag: "Record"
  /** Counts records from 1, failed ones included; blank ones are none. */
  readonly index: number
  /** The line, from 1, in which the record starts; in modes that know lines. */
  readonly line?: number
  readonly value: A
}

export interface InputFailure {
  readonly _tag: "Failure"
  readonly index: number
  readonly line?: number
  readonly kind: "Parse" | "Oversize"
  /** One line. */
  readonly message: string
  /** How the record starts: at most 200 bytes, cut with `...`. */
  readonly snippet?: string
  readonly mode: FramedMode
}
