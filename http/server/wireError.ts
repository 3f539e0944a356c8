/**
 * Failures as they leave the server: facts and advice, but nothing of where the pools are. Every error that is answered
 * goes through here.
 */
import { statusOfReason } from "../api/ApiError.js"
import type { ErrorEnvelope } from "../api/ApiError.js"
import { isPoolError, PoolError } from "../../src/PoolError.js"

/** A failure with the status that its place asks for. */
export class Refusal {
  constructor(
    readonly error: PoolError,
    readonly status: number = statusOfReason[error.reason],
    /** Further headers, names and values in turn. */
    readonly headers: ReadonlyArray<string> = []
  ) {}
}

export const usage = (message: string, hint?: string): PoolError =>
  new PoolError({ reason: "Usage", message, ...(hint === undefined ? {} : { hint }) })

export const refuse = (status: number, message: string, hint?: string, headers: ReadonlyArray<string> = []): Refusal =>
  new Refusal(usage(message, hint), status, headers)

export const forbid = (message: string, hint?: string): Refusal =>
  new Refusal(new PoolError({ reason: "Permission", message, ...(hint === undefined ? {} : { hint }) }), 403)

export const busy = (message: string, hint: string): Refusal =>
  new Refusal(new PoolError({ reason: "Busy", message, hint }), 423, ["retry-after", "1"])

/** What was thrown or failed, as a refusal; anything unexpected tells nothing but that. */
export const toRefusal = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error
  if (isPoolError(error)) {
    return error.reason === "Busy" ? new Refusal(error, 423, ["retry-after", "1"]) : new Refusal(error)
  }
  return new Refusal(new PoolError({ reason: "Internal", message: "the server met something it did not expect" }))
}

/** Builds the envelopes of a server whose pools are in this directory. */
export const makeEnvelope = (directory: string): ((error: PoolError) => ErrorEnvelope) => {
  const strip = (text: string): string =>
    text.replaceAll(`${directory}/`, "").replaceAll(directory, "the pool directory")
  return ({ hint, message, offset, path, reason, seq }) => ({
    error: {
      kind: reason,
      message: strip(message),
      ...(hint === undefined ? {} : { hint: strip(hint) }),
      ...(path === undefined ? {} : { path: path.slice(path.lastIndexOf("/") + 1) }),
      ...(seq === undefined ? {} : { seq }),
      ...(offset === undefined ? {} : { offset })
    }
  })
}
