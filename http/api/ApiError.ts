/**
 * How failures look on the wire: one envelope, a status for each reason. The reasons are those of `PoolError`, so
 * that a failure means the same to a program whether its pools are files here or somewhere else.
 *
 * @since 0.1.0
 */
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"
import type { PoolErrorReason } from "../../src/PoolError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface ErrorEnvelope {
  readonly error: {
    readonly kind: PoolErrorReason
    readonly message: string
    /** What to do next. Upstream's server sends none. */
    readonly hint?: string
    /** The name of a pool file, never where it is. */
    readonly path?: string
    readonly seq?: number
    readonly offset?: number
  }
}

/**
 * The status of a reason, where the place of the failure does not ask for a more telling one.
 *
 * @since 0.1.0
 * @category constants
 */
export const statusOfReason: Readonly<Record<PoolErrorReason, number>> = {
  Usage: 400,
  Permission: 403,
  NotFound: 404,
  AlreadyExists: 409,
  RetentionGap: 410,
  Busy: 423,
  Internal: 500,
  Corrupt: 500,
  Io: 500
}

const envelope = <const Kinds extends readonly [PoolErrorReason, ...Array<PoolErrorReason>]>(
  identifier: string,
  status: number,
  kinds: Kinds,
  description: string
) =>
  Schema.Struct({
    error: Schema.Struct({
      kind: Schema.Literal(...kinds),
      message: Schema.String,
      hint: Schema.optional(Schema.String),
      path: Schema.optional(Schema.String),
      seq: Schema.optional(Schema.Int),
      offset: Schema.optional(Schema.Int)
    })
  }).annotations({ identifier, description, ...HttpApiSchema.annotations({ status }) })

/**
 * @since 0.1.0
 * @category errors
 */
export const BadRequest = envelope(
  "BadRequest",
  400,
  ["Usage", "Corrupt"],
  "The request makes no sense; `Corrupt` for an encoded payload that does not decode."
)

/**
 * @since 0.1.0
 * @category errors
 */
export const Unauthorized = envelope("Unauthorized", 401, ["Permission"], "The token is missing or wrong.")

/**
 * @since 0.1.0
 * @category errors
 */
export const Forbidden = envelope(
  "Forbidden",
  403,
  ["Permission"],
  "The access mode, the host and origin guard, or the operating system says no."
)

/**
 * @since 0.1.0
 * @category errors
 */
export const NotFound = envelope("NotFound", 404, ["NotFound"], "No such pool, message or cursor.")

/**
 * @since 0.1.0
 * @category errors
 */
export const AlreadyExists = envelope("AlreadyExists", 409, ["AlreadyExists"], "The pool is there already.")

/**
 * @since 0.1.0
 * @category errors
 */
export const CursorMoved = envelope(
  "CursorMoved",
  409,
  ["Busy"],
  "The cursor is not where the commit says: another consumer moved it, or it was removed."
)

/**
 * @since 0.1.0
 * @category errors
 */
export const BodyTooLarge = envelope("BodyTooLarge", 413, ["Usage"], "The body exceeds the server's limit.")

/**
 * @since 0.1.0
 * @category errors
 */
export const UnsupportedMediaType = envelope(
  "UnsupportedMediaType",
  415,
  ["Usage"],
  "The media type is not known here."
)

/**
 * @since 0.1.0
 * @category errors
 */
export const Busy = envelope("Busy", 423, ["Busy"], "A lock or a limit of the server; try again.")

/**
 * @since 0.1.0
 * @category errors
 */
export const ServerFailure = envelope(
  "ServerFailure",
  500,
  ["Internal", "Corrupt", "Io"],
  "The pool is damaged, the disk failed, or the server has a bug."
)
