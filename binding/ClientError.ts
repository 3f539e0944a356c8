/**
 * Failures as upstream's Node binding throws them: one error class, with the kind as a number and as a part of the message.
 */
import type { PoolError, PoolErrorReason } from "../src/PoolError.js"

/**
 * The kinds of failure under upstream's numbers; `RetentionGap` is ours.
 *
 * @since 0.1.0
 * @category models
 */
export const ErrorKind = Object.freeze({
  Internal: 1,
  Usage: 2,
  NotFound: 3,
  AlreadyExists: 4,
  Busy: 5,
  Permission: 6,
  Corrupt: 7,
  Io: 8,
  RetentionGap: 9
} as const satisfies Record<PoolErrorReason, number>)

/**
 * @since 0.1.0
 * @category models
 */
export type ErrorKind = (typeof ErrorKind)[keyof typeof ErrorKind]

/**
 * What the methods of the client throw, and their promises are rejected with.
 *
 * @since 0.1.0
 * @category errors
 */
export class PlasmiteNativeError extends Error {
  override readonly name: string = "PlasmiteNativeError"

  constructor(
    message: string,
    readonly kind: ErrorKind,
    readonly hint: string | undefined,
    readonly path: string | undefined,
    readonly seq: number | undefined,
    readonly offset: number | undefined,
    cause: unknown
  ) {
    super(message, { cause })
  }
}

export const toClientError = (error: PoolError): PlasmiteNativeError =>
  new PlasmiteNativeError(
    `plasmite error: kind=${error.reason}; ${error.message}`,
    ErrorKind[error.reason],
    error.hint,
    error.path,
    error.seq,
    error.offset,
    error
  )
