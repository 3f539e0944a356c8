/**
 * What a server's refusal, or its silence, means. Upstream's framework answers some faults in plain text; then the status
 * has to do.
 */
import type { PoolErrorReason } from "../../src/PoolError.js"
import { PoolError } from "../../src/PoolError.js"

const reasons: ReadonlySet<string> = new Set<PoolErrorReason>([
  "Internal",
  "Usage",
  "NotFound",
  "AlreadyExists",
  "Busy",
  "Permission",
  "Corrupt",
  "Io",
  "RetentionGap"
])

const reasonOfStatus: Readonly<Record<number, PoolErrorReason>> = {
  400: "Usage",
  401: "Permission",
  403: "Permission",
  404: "NotFound",
  405: "Usage",
  409: "AlreadyExists",
  410: "RetentionGap",
  413: "Usage",
  415: "Usage",
  422: "Usage",
  423: "Busy"
}

/** The failure that a response stands for; `path` is what the request was about. */
export const errorOfAnswer = (status: number, text: string, path: string): PoolError =>
  envelopeError(text, path, status === 409 ? [conflict] : undefined) ??
  new PoolError({
    reason: reasonOfStatus[status] ?? (status >= 500 && status <= 599 ? "Internal" : "Io"),
    message: text.trim() === "" ? `the server answered ${status}` : `the server answered ${status}: ${firstLine(text)}`,
    path,
    causes: [`status ${status}`]
  })

/** The cause that tells a place that another took from one that will be free in a moment. */
export const conflict = "status 409"

/** Causes that speak of what stands before a server that is just away. */
export const gatewayFailures: ReadonlySet<string> = new Set(["status 502", "status 503", "status 504"])

const firstLine = (text: string): string => text.trim().split("\n", 1)[0]!.slice(0, 200)

/** The failure in an envelope; `undefined` when the text is none. An unknown kind is kept in the message. */
export const envelopeError = (text: string, path: string, causes?: ReadonlyArray<string>): PoolError | undefined => {
  const error = member(parse(text), "error")
  const kind = member(error, "kind")
  if (typeof kind !== "string") return undefined
  const known = reasons.has(kind)
  const message = textOf(member(error, "message")) ?? "the server did not say why"
  const hint = textOf(member(error, "hint"))
  const seq = member(error, "seq")
  const offset = member(error, "offset")
  return new PoolError({
    reason: known ? (kind as PoolErrorReason) : "Internal",
    message: known ? message : `${kind}: ${message}`,
    path,
    ...(hint === undefined ? {} : { hint }),
    ...(typeof seq === "number" ? { seq } : {}),
    ...(causes === undefined || kind !== "Busy" ? {} : { causes }),
    ...(typeof offset === "number" ? { offset } : {})
  })
}

export const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

export const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** A server that speaks TLS hangs up on who does not, without a word: a sentence for the hint. */
export const perhapsTls = (url: URL): string =>
  url.protocol === "http:" ? " If the server speaks TLS, its address begins with https://." : ""

export const unexpectedAnswer = (what: string): PoolError =>
  new PoolError({
    reason: "Internal",
    message: `the server's answer is not what the protocol says: ${what}`,
    hint: "Is this a plasmite server?"
  })
