/**
 * Failures of a server as upstream's Node binding throws them: the status of the answer, and the error that was in it. What
 * never got an answer has the status 0.
 */
import { PoolError } from "../../../src/PoolError.js"
import { ErrorKind } from "../ClientError.js"

/**
 * What the methods of `RemoteClient` and `RemotePool` throw, and their promises are rejected with. The kind is `Io` when the
 * server named none that is known.
 *
 * @since 0.1.0
 * @category errors
 */
export class RemoteError extends Error {
  override readonly name: string = "RemoteError"
  readonly kind: ErrorKind
  readonly hint: string | undefined
  /** What the server says it is about: never a path of this machine. */
  readonly path: string | undefined
  readonly seq: number | undefined
  readonly offset: number | undefined

  /** `payload` is the body of the answer, `{ error: { kind, message, … } }`. */
  constructor(
    payload: unknown,
    /** Of the answer; 0 when there was none. */
    readonly status: number,
    options?: ErrorOptions
  ) {
    const error = member(payload, "error") ?? payload
    super(textOf(member(error, "message")) ?? `Remote error ${status}`, options)
    this.kind = kindOf(member(error, "kind"))
    this.hint = textOf(member(error, "hint"))
    this.path = textOf(member(error, "path"))
    this.seq = numberOf(member(error, "seq"))
    this.offset = numberOf(member(error, "offset"))
  }
}

/** A failure that this side found, without an answer. */
export const localError = ({ hint, message, path, reason }: PoolError, cause?: unknown): RemoteError =>
  new RemoteError({ kind: reason, message, hint, path }, 0, { cause })

export const refused = (message: string, hint: string): RemoteError =>
  localError(new PoolError({ reason: "Usage", message, hint }))

const kinds = new Map<unknown, ErrorKind>(Object.entries(ErrorKind))
for (const kind of Object.values(ErrorKind)) kinds.set(kind, kind)

/** Upstream's programs know kinds by number, its servers send their names. */
const kindOf = (kind: unknown): ErrorKind => kinds.get(kind) ?? ErrorKind.Io

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)
